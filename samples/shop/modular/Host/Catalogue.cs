// What this shop sells.

using Shop.Contracts;

namespace Shop;

internal sealed class Catalogue : ICatalogue
{
    private static readonly Dictionary<string, decimal> s_prices = new()
    {
        ["tea"] = 2.50m, ["coffee"] = 4.20m, ["cup"] = 7.90m, ["pot"] = 24.00m,
    };

    public decimal? PriceOf(string sku) => s_prices.TryGetValue(sku, out var price) ? price : null;
}
