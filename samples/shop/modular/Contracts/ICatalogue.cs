// What the shop lends to its modules.

namespace Shop.Contracts;

/// <summary>Knows what is sold. Thread-safe.</summary>
public interface ICatalogue
{
    /// <summary>Finds the list price of one piece.</summary>
    /// <param name="sku">The article.</param>
    /// <returns>The price; null when there is no such article.</returns>
    decimal? PriceOf(string sku);
}
