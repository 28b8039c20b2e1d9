// Money in the database is whole cents: SQLite has no decimal, and a floating number is not money.

namespace Shop.Storage;

/// <summary>Converts amounts of money to and from their form in the database.</summary>
public static class Money
{
    /// <summary>Converts an amount with at most two decimals to cents.</summary>
    public static long ToCents(decimal amount) => decimal.ToInt64(amount * 100);

    /// <summary>Converts cents to an amount with two decimals.</summary>
    public static decimal FromCents(long cents) => new decimal(cents) / 100.00m;
}
