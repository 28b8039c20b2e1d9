// What things cost: the list price, less what the best rule takes off.

using Shop.Contracts;

namespace Shop.Pricing;

public interface IPriceRule
{
    string Name { get; }

    /// <summary>Decides how much is taken off, in percent.</summary>
    int PercentOff(Sale sale);
}

public sealed class TenOrMore : IPriceRule
{
    public string Name => "10 % off ten or more";

    public int PercentOff(Sale sale) => sale.Quantity >= 10 ? 10 : 0;
}

public sealed class PriceBook(ICatalogue catalogue, IEnumerable<IPriceRule> rules)
{
    /// <summary>Prices a sale.</summary>
    /// <returns>What is to be paid in cents; null when it cannot be sold.</returns>
    public long? CentsOf(Sale sale)
    {
        if (sale.Quantity < 1 || catalogue.PriceOf(sale.Sku) is not { } price)
            return null;
        var percent = rules.Max(rule => rule.PercentOff(sale));
        return (long)decimal.Round(sale.Quantity * price * (100 - percent), MidpointRounding.AwayFromZero);
    }
}
