// Prices, first version: everything at list price, and a running total for each article.

using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Midstream;
using Shop.Contracts;

namespace Shop.Pricing;

public sealed class PricingModule : IModule
{
    private const string Version = "1.0.0";

    public IReadOnlyList<WarmUpRequest> WarmUp { get; } =
    [
        new("/sales") { Method = "POST", Body = """{"customer":"nobody","sku":"tea","quantity":1}""" },
        new("/totals/tea"),
    ];

    public void ConfigureServices(IServiceCollection services, IModuleContext context)
    {
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, PricingJson.Default));
        services.AddState(_ => new StateDictionary<string, Total>(
            "totals", StateCodec.Text, StateCodec.Json(PricingJson.Default.Total)));
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/sales", SellAsync);
        endpoints.MapGet("/totals/{sku}", async (string sku, StateDictionary<string, Total> totals) =>
            (await totals.GetAsync(sku)).Value ?? new Total(0, 0));
    }

    private static async Task<IResult> SellAsync(
        Sale sale, HttpContext request, ICatalogue catalogue, StateDictionary<string, Total> totals, IModuleEvents events)
    {
        if (sale.Quantity < 1 || catalogue.PriceOf(sale.Sku) is not { } price)
            return TypedResults.BadRequest();
        var cents = (long)(sale.Quantity * price * 100);
        // Warm-up requests go the same way, and must leave nothing behind.
        if (!ModuleRequest.Of(request)!.IsWarmUp)
        {
            await totals.UpdateAsync(sale.Sku, old => new Total((old.Value?.Count ?? 0) + 1, (old.Value?.Cents ?? 0) + cents));
            await events.PublishAsync(new Sold(sale.Customer, sale.Sku, sale.Quantity, cents / 100m));
        }

        return TypedResults.Ok(new Receipt(sale.Sku, sale.Quantity, cents, Version));
    }
}

/// <summary>What a customer buys.</summary>
public sealed record Sale(string Customer, string Sku, int Quantity);

/// <summary>What is to be paid, and which version says so.</summary>
public sealed record Receipt(string Sku, int Quantity, long Cents, string Version);

/// <summary>What was sold of an article so far.</summary>
public sealed record Total(long Count, long Cents);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Sale))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(Total))]
public sealed partial class PricingJson : JsonSerializerContext;
