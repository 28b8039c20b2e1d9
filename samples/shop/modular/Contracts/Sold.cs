// What modules tell one another.

namespace Shop.Contracts;

/// <summary>Says that something was sold.</summary>
/// <param name="Customer">To whom.</param>
/// <param name="Sku">The article.</param>
/// <param name="Quantity">How many pieces.</param>
/// <param name="Total">What was paid.</param>
public sealed record Sold(string Customer, string Sku, int Quantity, decimal Total);
