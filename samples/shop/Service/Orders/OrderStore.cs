// Keeps orders: each exactly once, however often and through whichever process it arrives.

using Microsoft.Data.Sqlite;
using Shop.Storage;

namespace Shop.Orders;

/// <summary>Says what became of an attempt to place an order.</summary>
public enum Placement
{
    /// <summary>The order is new and stored.</summary>
    Placed,

    /// <summary>The same order was stored before; nothing was changed.</summary>
    AlreadyPlaced,

    /// <summary>A different order was stored under the same key; nothing was changed.</summary>
    KeyTaken,
}

/// <summary>Stores and finds orders. Safe to use from many threads, and from many processes on one file.</summary>
public sealed class OrderStore(ShopDatabase database, ShopVersion version, TimeProvider clock) : IDisposable
{
    private readonly IOrderTable _table = version.OrderTable;

    // SQLite lets one writer in at a time. Requests of this process queue here, where waiting costs no thread; the busy
    // timeout of the database is left for the writers of other processes.
    private readonly SemaphoreSlim _writer = new(1, 1);

    /// <summary>Stores an order unless its key is known. A cancellation is heeded until the transaction begins.</summary>
    public async Task<(Placement Placement, Order Order)> PlaceAsync(OrderRequest request, CancellationToken cancellation)
    {
        await _writer.WaitAsync(cancellation);
        try
        {
            return Place(request);
        }
        finally
        {
            _writer.Release();
        }
    }

    /// <summary>Finds an order by the client's key.</summary>
    /// <returns>The order, or null if there is none.</returns>
    public Order? Find(Guid orderId)
    {
        using var connection = database.Open();
        return Find(connection, orderId);
    }

    /// <summary>Gets the orders that follow a number, oldest first.</summary>
    public IReadOnlyList<Order> After(long number, int limit)
    {
        using var connection = database.Open();
        return Select(connection, "WHERE number > $after ORDER BY number LIMIT $limit", ("$after", number), ("$limit", limit));
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private (Placement, Order) Place(OrderRequest request)
    {
        using var connection = database.Open();
        // Takes the write lock at once: between the look and the insert no other process can place the same key.
        using var transaction = connection.BeginTransaction(deferred: false);

        if (Find(connection, request.OrderId!.Value) is { } known)
            return (IsSame(known, request) ? Placement.AlreadyPlaced : Placement.KeyTaken, known);

        var order = Insert(connection, Price(request));
        transaction.Commit();
        return (Placement.Placed, order);
    }

    private Order Price(OrderRequest request)
    {
        var lines = request.ValidLines();
        var price = Pricing.Price.Of(lines, version.PriceRules);
        return new Order(0, request.OrderId!.Value, request.Customer!, lines, price.Total, price.Discount, clock.GetUtcNow());
    }

    // What was asked for is compared, not what it came to: another version may have priced it by other rules.
    private static bool IsSame(Order known, OrderRequest request) =>
        known.Customer == request.Customer && known.Lines.SequenceEqual(request.ValidLines());

    private Order Insert(SqliteConnection connection, Order order)
    {
        using var command = connection.CreateCommand();
        command.CommandText = _table.InsertSql;
        _table.Bind(command.Parameters, order);
        var number = (long)command.ExecuteScalar()!;

        OrderLineTable.Insert(connection, number, order.Lines);
        // Read back, so that the first answer and every later one come from the same place.
        return Find(connection, order.OrderId)!;
    }

    private Order? Find(SqliteConnection connection, Guid orderId) =>
        Select(connection, "WHERE order_id = $id", ("$id", orderId.ToString())).SingleOrDefault();

    private List<Order> Select(SqliteConnection connection, string condition, params (string Name, object Value)[] parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {_table.Columns} FROM orders {condition}";
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);

        var orders = new List<Order>();
        using (var row = command.ExecuteReader())
        {
            while (row.Read())
                orders.Add(_table.Read(row));
        }

        return orders.ConvertAll(order => order with { Lines = OrderLineTable.Of(connection, order.Number) });
    }
}
