// The schema, step by step. A step only adds (see Migration): the version before it goes on working.

using Shop.Storage;

namespace Shop;

internal static class Schema
{
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        new(1, "orders and their lines", """
            CREATE TABLE orders (
                number      INTEGER PRIMARY KEY AUTOINCREMENT,
                order_id    TEXT    NOT NULL UNIQUE,
                customer    TEXT    NOT NULL,
                placed_at   TEXT    NOT NULL,
                total_cents INTEGER NOT NULL
            );
            CREATE TABLE order_lines (
                order_number     INTEGER NOT NULL REFERENCES orders (number),
                position         INTEGER NOT NULL,
                sku              TEXT    NOT NULL,
                quantity         INTEGER NOT NULL,
                unit_price_cents INTEGER NOT NULL,
                PRIMARY KEY (order_number, position)
            ) WITHOUT ROWID;
            """),
    ];
}
