// The table of orders as this version knows it.

using System.Globalization;
using Microsoft.Data.Sqlite;
using Shop.Orders;
using Shop.Storage;

namespace Shop;

internal sealed class OrderTable : IOrderTable
{
    public string InsertSql => """
        INSERT INTO orders (order_id, customer, placed_at, total_cents, discount_cents)
        VALUES ($id, $customer, $placed, $total, $discount) RETURNING number
        """;

    public string Columns => "number, order_id, customer, placed_at, total_cents, discount_cents";

    public void Bind(SqliteParameterCollection parameters, Order order)
    {
        parameters.AddWithValue("$id", order.OrderId.ToString());
        parameters.AddWithValue("$customer", order.Customer);
        parameters.AddWithValue("$placed", order.PlacedAt.ToString("O", CultureInfo.InvariantCulture));
        parameters.AddWithValue("$total", Money.ToCents(order.Total));
        parameters.AddWithValue("$discount", Money.ToCents(order.Discount ?? 0));
    }

    public Order Read(SqliteDataReader row) => new(
        Number: row.GetInt64(0),
        OrderId: Guid.Parse(row.GetString(1)),
        Customer: row.GetString(2),
        Lines: [],
        Total: Money.FromCents(row.GetInt64(4)),
        Discount: Money.FromCents(row.GetInt64(5)),
        PlacedAt: DateTimeOffset.Parse(row.GetString(3), CultureInfo.InvariantCulture));
}
