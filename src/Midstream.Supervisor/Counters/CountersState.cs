using System.Text.Json;
using System.Text.Json.Serialization;

namespace Midstream.Supervisor.Counters;

/// <summary>What a supervisor must know to go on counting where another one stopped.</summary>
/// <param name="Before">The sum over workers that are not named any more.</param>
/// <param name="Workers">What each worker that is still named had counted.</param>
internal sealed record CountersState(CumulativeCounts Before, IReadOnlyList<WorkerCountersState> Workers)
{
    /// <summary>Writes the state.</summary>
    /// <returns>JSON in UTF-8.</returns>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, CountersJson.Default.CountersState);

    /// <summary>Reads a state.</summary>
    /// <param name="bytes">What <see cref="ToBytes"/> wrote.</param>
    /// <returns>The state; null when it cannot be understood: counts are not worth refusing to start for.</returns>
    public static CountersState? FromBytes(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var state = JsonSerializer.Deserialize(bytes, CountersJson.Default.CountersState);
            return state is { Before: not null, Workers: not null }
                && state.Workers.All(worker => worker is { Counts: not null }) ? state : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What one worker had counted.</summary>
/// <param name="Worker">Its name.</param>
/// <param name="HasEnded">Whether it had ended, so that it is remembered only for a report that comes late.</param>
/// <param name="Counts">What it had counted.</param>
internal sealed record WorkerCountersState(string Worker, bool HasEnded, CumulativeCounts Counts);

/// <summary>The JSON of the counters' state, generated for Native AOT.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CountersState))]
internal sealed partial class CountersJson : JsonSerializerContext;
