// What things cost.

using Shop.Pricing;

namespace Shop;

internal static class PriceRules
{
    public static IReadOnlyList<PriceRule> All { get; } =
    [
        new("list price", FromQuantity: 1, PercentOff: 0),
        new("ten or more", FromQuantity: 10, PercentOff: 10),
    ];
}
