// An order as it was placed. It is never changed afterwards.

using System.Text.Json.Serialization;

namespace Shop.Orders;

/// <summary>Describes an order that is stored.</summary>
/// <param name="Number">The shop's own number: ascending in the order of placing.</param>
/// <param name="OrderId">The key the client chose.</param>
/// <param name="Customer">Who ordered.</param>
/// <param name="Lines">What was ordered; at least one line.</param>
/// <param name="Total">What is to be paid: the sum of the lines less the discount.</param>
/// <param name="Discount">What was taken off; null in a version of the shop that has no discounts.</param>
/// <param name="PlacedAt">When the order was first received.</param>
public sealed record Order(
    long Number,
    Guid OrderId,
    string Customer,
    IReadOnlyList<OrderLine> Lines,
    decimal Total,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] decimal? Discount,
    DateTimeOffset PlacedAt);

/// <summary>Describes one article of an order.</summary>
/// <param name="Sku">The article.</param>
/// <param name="Quantity">How many pieces.</param>
/// <param name="UnitPrice">The list price of one piece.</param>
public sealed record OrderLine(string Sku, int Quantity, decimal UnitPrice);
