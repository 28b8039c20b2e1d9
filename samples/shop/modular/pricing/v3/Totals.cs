// The running totals and their two formats.

using System.Buffers;
using System.Text.Json;
using Midstream;

namespace Shop.Pricing;

/// <summary>What was sold of an article so far.</summary>
public sealed record Total(long Count, long ListCents, long DiscountCents)
{
    public static Total None { get; } = new(0, 0, 0);

    public Total Plus(long listCents, long discountCents) =>
        new(Count + 1, ListCents + listCents, DiscountCents + discountCents);
}

/// <summary>Reads and writes totals: what was paid alone, or the list price and what was taken off it.</summary>
public sealed class TotalCodec : IStateCodec<Total>
{
    /// <summary>The format of the versions before.</summary>
    public const int Plain = 1;

    public const int WithDiscount = 2;

    public void Write(Total value, int version, IBufferWriter<byte> destination)
    {
        using var json = new Utf8JsonWriter(destination);
        if (version == Plain)
            JsonSerializer.Serialize(json, PlainTotal.Of(value), PricingJson.Default.PlainTotal);
        else
            JsonSerializer.Serialize(json, value, PricingJson.Default.Total);
    }

    public Total Read(ReadOnlySpan<byte> source, int version) => version == Plain
        ? JsonSerializer.Deserialize(source, PricingJson.Default.PlainTotal)!.ToTotal()
        : JsonSerializer.Deserialize(source, PricingJson.Default.Total)!;
}

/// <summary>A total as the versions before know it.</summary>
public sealed record PlainTotal(long Count, long Cents)
{
    public static PlainTotal Of(Total total) => new(total.Count, total.ListCents - total.DiscountCents);

    // What was taken off before is not known any more: what was paid counts as the list price.
    public Total ToTotal() => new(Count, Cents, 0);
}
