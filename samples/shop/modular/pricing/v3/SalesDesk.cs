// Sells: prices, counts, tells the others.

using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Midstream;
using Shop.Contracts;

namespace Shop.Pricing;

public sealed class SalesDesk(
    ICatalogue catalogue, Discounts discounts, StateDictionary<string, Total> totals, IModuleEvents events)
{
    public async Task<Receipt?> SellAsync(Sale sale, HttpContext request)
    {
        if (sale.Quantity < 1 || catalogue.PriceOf(sale.Sku) is not { } price)
            return null;
        var list = (long)(sale.Quantity * price * 100);
        var discount = (long)decimal.Round(
            list * discounts.PercentOff(sale.Quantity) / 100m, MidpointRounding.AwayFromZero);
        if (!ModuleRequest.Of(request)!.IsWarmUp)
        {
            await totals.UpdateAsync(sale.Sku, old => (old.Value ?? Total.None).Plus(list, discount));
            await events.PublishAsync(new Sold(sale.Customer, sale.Sku, sale.Quantity, (list - discount) / 100m));
        }

        return new Receipt(sale.Sku, sale.Quantity, list - discount, discount, PricingModule.Version);
    }
}

/// <summary>What a customer buys.</summary>
public sealed record Sale(string Customer, string Sku, int Quantity);

/// <summary>What is to be paid, what was taken off, and which version says so.</summary>
public sealed record Receipt(string Sku, int Quantity, long Cents, long DiscountCents, string Version);

/// <summary>A total as clients see it: as in the versions before, and what was taken off.</summary>
public sealed record TotalAnswer(long Count, long Cents, long DiscountCents)
{
    public static TotalAnswer Of(Total total) =>
        new(total.Count, total.ListCents - total.DiscountCents, total.DiscountCents);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Sale))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(Total))]
[JsonSerializable(typeof(PlainTotal))]
[JsonSerializable(typeof(TotalAnswer))]
[JsonSerializable(typeof(List<string>))]
public sealed partial class PricingJson : JsonSerializerContext;
