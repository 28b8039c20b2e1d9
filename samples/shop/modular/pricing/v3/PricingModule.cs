// Prices, third version: the rules are configuration, and the totals tell list price and discount apart. That is a new version of
// the state; the one before is read, for the way up, and written, for the way back.

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Midstream;

namespace Shop.Pricing;

public sealed class PricingModule : IModule
{
    public const string Version = "3.0.0";

    public IReadOnlyList<WarmUpRequest> WarmUp { get; } =
    [
        new("/sales") { Method = "POST", Body = """{"customer":"nobody","sku":"tea","quantity":12}""" },
        new("/totals/tea"),
        new("/rules"),
    ];

    public void ConfigureServices(IServiceCollection services, IModuleContext context)
    {
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, PricingJson.Default));
        services.AddSingleton(Discounts.Of(context.Configuration));
        services.AddScoped<SalesDesk>();
        services.AddState(_ => new StateDictionary<string, Total>("totals", StateCodec.Text, new TotalCodec(), new()
        {
            Version = TotalCodec.WithDiscount,
            Reads = [TotalCodec.Plain, TotalCodec.WithDiscount],
            Writes = [TotalCodec.Plain, TotalCodec.WithDiscount],
        }));
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/sales", async Task<Results<Ok<Receipt>, BadRequest>> (
            Sale sale, HttpContext request, SalesDesk desk) =>
            await desk.SellAsync(sale, request) is { } receipt ? TypedResults.Ok(receipt) : TypedResults.BadRequest());
        endpoints.MapGet("/totals/{sku}", async (string sku, StateDictionary<string, Total> totals) =>
            TotalAnswer.Of((await totals.GetAsync(sku)).Value ?? Total.None));
        endpoints.MapGet("/rules", (Discounts discounts) => discounts.Names);
    }
}
