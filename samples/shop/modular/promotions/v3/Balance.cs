// A customer's points and their two formats.

using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Midstream;

namespace Shop.Promotions;

/// <summary>What a customer has collected and spent.</summary>
public sealed record Balance(long Purchases, long Earned, long Spent)
{
    public static Balance None { get; } = new(0, 0, 0);

    [JsonIgnore]
    public long Points => Earned - Spent;

    public Balance Earn(long points) => new(Purchases + 1, Earned + points, Spent);

    public Balance Spend(long points) => this with { Spent = Spent + points };
}

/// <summary>Reads and writes balances.</summary>
public sealed class BalanceCodec : IStateCodec<Balance>
{
    /// <summary>The format of the versions before.</summary>
    public const int Plain = 1;

    public const int WithSpent = 2;

    public void Write(Balance value, int version, IBufferWriter<byte> destination)
    {
        using var json = new Utf8JsonWriter(destination);
        if (version == Plain)
            JsonSerializer.Serialize(json, new PlainBalance(value.Purchases, value.Points), PromotionsJson.Default.PlainBalance);
        else
            JsonSerializer.Serialize(json, value, PromotionsJson.Default.Balance);
    }

    public Balance Read(ReadOnlySpan<byte> source, int version)
    {
        if (version != Plain)
            return JsonSerializer.Deserialize(source, PromotionsJson.Default.Balance)!;
        var plain = JsonSerializer.Deserialize(source, PromotionsJson.Default.PlainBalance)!;
        return new Balance(plain.Purchases, plain.Points, 0);
    }
}

/// <summary>A balance as the versions before know it.</summary>
public sealed record PlainBalance(long Purchases, long Points);

/// <summary>How many points are to be spent.</summary>
public sealed record Spending(long Points);

/// <summary>A customer as clients see it.</summary>
public sealed record Customer(long Purchases, long Points, long Spent, string Tier)
{
    private static readonly (long From, string Name)[] s_tiers = [(10_000, "gold"), (1_000, "silver"), (0, "bronze")];

    // Who spends stays what they were: the tier is of what was earned.
    public static Customer Of(Balance balance) => new(
        balance.Purchases, balance.Points, balance.Spent, s_tiers.First(tier => balance.Earned >= tier.From).Name);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Balance))]
[JsonSerializable(typeof(PlainBalance))]
[JsonSerializable(typeof(Customer))]
[JsonSerializable(typeof(Spending))]
public sealed partial class PromotionsJson : JsonSerializerContext;
