using System.Text.Json;
using System.Text.Json.Serialization;

namespace Midstream.Control.State;

/// <summary>The states that a generation can hand over.</summary>
/// <param name="States">Each with the versions it can be written in.</param>
public sealed record StateCatalogue(IReadOnlyList<StateOffer> States)
{
    /// <summary>Writes it for a frame.</summary>
    /// <returns>JSON.</returns>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, StateJson.Default.StateCatalogue);

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <param name="bytes">JSON.</param>
    /// <returns>The catalogue; null when it cannot be understood.</returns>
    public static StateCatalogue? Read(ReadOnlySpan<byte> bytes) => StateJson.TryRead(bytes, StateJson.Default.StateCatalogue);
}

/// <summary>A state that can be handed over.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Writes">The versions it can be written in.</param>
public sealed record StateOffer(string Name, IReadOnlyList<int> Writes);

/// <summary>The states that the new generation takes.</summary>
/// <param name="States">Each with the version to write it in; a state's index here is its number in later frames.</param>
public sealed record StateChoice(IReadOnlyList<ChosenState> States)
{
    /// <inheritdoc cref="StateCatalogue.ToBytes"/>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, StateJson.Default.StateChoice);

    /// <inheritdoc cref="StateCatalogue.Read"/>
    public static StateChoice? Read(ReadOnlySpan<byte> bytes) => StateJson.TryRead(bytes, StateJson.Default.StateChoice);
}

/// <summary>A state that is handed over.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version of its format.</param>
public sealed record ChosenState(string Name, int Version);

/// <summary>The state channel's JSON, generated for Native AOT.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StateCatalogue))]
[JsonSerializable(typeof(StateChoice))]
internal sealed partial class StateJson : JsonSerializerContext
{
    public static T? TryRead<T>(ReadOnlySpan<byte> bytes, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
