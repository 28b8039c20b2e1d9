// Sells: prices, counts, tells the others.

using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Midstream;
using Shop.Contracts;

namespace Shop.Pricing;

public sealed class SalesDesk(PriceBook prices, StateDictionary<string, Total> totals, IModuleEvents events)
{
    public async Task<Receipt?> SellAsync(Sale sale, HttpContext request)
    {
        if (prices.CentsOf(sale) is not { } cents)
            return null;
        if (!ModuleRequest.Of(request)!.IsWarmUp)
            await NoteAsync(sale, cents);
        return new Receipt(sale.Sku, sale.Quantity, cents, PricingModule.Version);
    }

    private async Task NoteAsync(Sale sale, long cents)
    {
        await totals.UpdateAsync(sale.Sku, old => old.Exists
            ? new Total(old.Value!.Count + 1, old.Value.Cents + cents)
            : new Total(1, cents));
        await events.PublishAsync(new Sold(sale.Customer, sale.Sku, sale.Quantity, cents / 100m));
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
[JsonSerializable(typeof(List<string>))]
public sealed partial class PricingJson : JsonSerializerContext;
