// Turns lines and rules into what is to be paid.

using Shop.Orders;

namespace Shop.Pricing;

internal readonly record struct Price(decimal Total, decimal Discount)
{
    public static Price Of(IReadOnlyList<OrderLine> lines, IReadOnlyList<PriceRule> rules)
    {
        var full = lines.Sum(line => line.Quantity * line.UnitPrice);
        var discount = lines.Sum(line => DiscountOf(line, rules));
        return new Price(full - discount, discount);
    }

    // The rule that is best for the customer. Cents are rounded once a line, half away from zero, as on paper.
    private static decimal DiscountOf(OrderLine line, IReadOnlyList<PriceRule> rules)
    {
        var percent = rules.Where(rule => line.Quantity >= rule.FromQuantity).Max(rule => (int?)rule.PercentOff) ?? 0;
        return decimal.Round(line.Quantity * line.UnitPrice * percent / 100, 2, MidpointRounding.AwayFromZero);
    }
}
