// What a piece costs, depending on how many are bought.

namespace Shop.Pricing;

/// <summary>Describes a rule that applies to a line from a quantity on.</summary>
/// <param name="Name">What the rule is called.</param>
/// <param name="FromQuantity">The least number of pieces of one article it applies to.</param>
/// <param name="PercentOff">What is taken off the list price, 0 to 100.</param>
public sealed record PriceRule(string Name, int FromQuantity, int PercentOff);
