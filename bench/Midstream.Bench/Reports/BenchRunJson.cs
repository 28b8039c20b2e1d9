using System.Text.Json;
using System.Text.Json.Serialization;

namespace Midstream.Bench.Reports;

/// <summary>A run's JSON form: names in snake case, times in milliseconds unless their name says otherwise.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BenchRun))]
internal sealed partial class BenchRunJson : JsonSerializerContext
{
    public static string Write(BenchRun run) => JsonSerializer.Serialize(run, Default.BenchRun) + "\n";

    public static BenchRun Read(string json) =>
        JsonSerializer.Deserialize(json, Default.BenchRun) ?? throw new JsonException("The run is null.");
}
