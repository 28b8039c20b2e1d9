// What a client sends to place an order, and the checks that turn it into something the shop trusts.

namespace Shop.Orders;

/// <summary>Holds an order as a client sent it; anything may be missing.</summary>
public sealed record OrderRequest(Guid? OrderId, string? Customer, IReadOnlyList<OrderLineRequest?>? Lines)
{
    private const int MaxCustomerLength = 200;
    private const int MaxLines = 100;

    /// <summary>Finds every problem at once, so that a client need not fix them one by one.</summary>
    /// <returns>Messages by field; empty if the order may be placed.</returns>
    public Dictionary<string, string[]> Validate()
    {
        var problems = new Dictionary<string, string[]>();

        if (OrderId is null || OrderId == Guid.Empty)
            problems["orderId"] = ["A GUID chosen by the client is needed: it is what makes a repeated request safe."];
        if (string.IsNullOrWhiteSpace(Customer) || Customer.Length > MaxCustomerLength)
            problems["customer"] = [$"A name of 1 to {MaxCustomerLength} characters is needed."];
        if (Lines is not { Count: >= 1 and <= MaxLines })
            problems["lines"] = [$"1 to {MaxLines} lines are needed."];

        for (var i = 0; i < Math.Min(Lines?.Count ?? 0, MaxLines); i++)
            (Lines![i] ?? OrderLineRequest.Empty).Validate($"lines[{i}]", problems);

        return problems;
    }

    /// <summary>Gets the lines of a request in which <see cref="Validate"/> found no problem.</summary>
    internal IReadOnlyList<OrderLine> ValidLines() => [.. Lines!.Select(line => line!.ToValid())];
}

/// <summary>Holds one line of an order as a client sent it.</summary>
public sealed record OrderLineRequest(string? Sku, int? Quantity, decimal? UnitPrice)
{
    private const int MaxSkuLength = 64;
    private const int MaxQuantity = 10_000;
    private const decimal MaxUnitPrice = 1_000_000m;

    internal static OrderLineRequest Empty { get; } = new(null, null, null);

    internal void Validate(string field, Dictionary<string, string[]> problems)
    {
        if (string.IsNullOrWhiteSpace(Sku) || Sku.Length > MaxSkuLength)
            problems[$"{field}.sku"] = [$"An article of 1 to {MaxSkuLength} characters is needed."];
        if (Quantity is not (>= 1 and <= MaxQuantity))
            problems[$"{field}.quantity"] = [$"A number from 1 to {MaxQuantity} is needed."];
        if (UnitPrice is not (>= 0 and <= MaxUnitPrice) || decimal.Round(UnitPrice.Value, 2) != UnitPrice)
            problems[$"{field}.unitPrice"] = [$"A price from 0 to {MaxUnitPrice} with at most two decimals is needed."];
    }

    internal OrderLine ToValid() => new(Sku!, Quantity!.Value, UnitPrice!.Value);
}
