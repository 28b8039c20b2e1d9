// The lines of orders in the database; the same in every version so far.

using Microsoft.Data.Sqlite;
using Shop.Storage;

namespace Shop.Orders;

internal static class OrderLineTable
{
    private const string InsertSql = """
        INSERT INTO order_lines (order_number, position, sku, quantity, unit_price_cents)
        VALUES ($order, $position, $sku, $quantity, $price)
        """;

    private const string SelectSql = """
        SELECT sku, quantity, unit_price_cents FROM order_lines WHERE order_number = $order ORDER BY position
        """;

    public static void Insert(SqliteConnection connection, long orderNumber, IReadOnlyList<OrderLine> lines)
    {
        using var command = connection.CreateCommand();
        command.CommandText = InsertSql;
        for (var position = 0; position < lines.Count; position++)
        {
            command.Parameters.Clear();
            command.Parameters.AddWithValue("$order", orderNumber);
            command.Parameters.AddWithValue("$position", position);
            command.Parameters.AddWithValue("$sku", lines[position].Sku);
            command.Parameters.AddWithValue("$quantity", lines[position].Quantity);
            command.Parameters.AddWithValue("$price", Money.ToCents(lines[position].UnitPrice));
            command.ExecuteNonQuery();
        }
    }

    public static IReadOnlyList<OrderLine> Of(SqliteConnection connection, long orderNumber)
    {
        using var command = connection.CreateCommand();
        command.CommandText = SelectSql;
        command.Parameters.AddWithValue("$order", orderNumber);

        var lines = new List<OrderLine>();
        using var row = command.ExecuteReader();
        while (row.Read())
            lines.Add(new OrderLine(row.GetString(0), row.GetInt32(1), Money.FromCents(row.GetInt64(2))));
        return lines;
    }
}
