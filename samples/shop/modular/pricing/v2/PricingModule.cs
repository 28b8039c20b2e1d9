// Prices, second version: rules that take something off, and services in the place of one method. The state is what it was.

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Midstream;

namespace Shop.Pricing;

public sealed class PricingModule : IModule
{
    public const string Version = "2.0.0";

    public IReadOnlyList<WarmUpRequest> WarmUp { get; } =
    [
        new("/sales") { Method = "POST", Body = """{"customer":"nobody","sku":"tea","quantity":12}""" },
        new("/totals/tea"),
        new("/rules"),
    ];

    public void ConfigureServices(IServiceCollection services, IModuleContext context)
    {
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, PricingJson.Default));
        services.AddSingleton<IPriceRule, TenOrMore>();
        services.AddSingleton<PriceBook>();
        services.AddScoped<SalesDesk>();
        services.AddState(_ => new StateDictionary<string, Total>(
            "totals", StateCodec.Text, StateCodec.Json(PricingJson.Default.Total)));
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/sales", async Task<Results<Ok<Receipt>, BadRequest>> (
            Sale sale, HttpContext request, SalesDesk desk) =>
            await desk.SellAsync(sale, request) is { } receipt ? TypedResults.Ok(receipt) : TypedResults.BadRequest());
        endpoints.MapGet("/totals/{sku}", async (string sku, StateDictionary<string, Total> totals) =>
            (await totals.GetAsync(sku)).Value ?? new Total(0, 0));
        endpoints.MapGet("/rules", (IEnumerable<IPriceRule> rules) => rules.Select(rule => rule.Name).ToList());
    }
}
