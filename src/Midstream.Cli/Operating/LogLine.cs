using System.Text.Json;
using System.Text.Json.Serialization;

namespace Midstream.Cli.Operating;

/// <summary>One line of the workers' log, taken apart.</summary>
/// <param name="At">When it was written, UTC, as in the log; null for a line that is none of ours.</param>
/// <param name="Generation">Who wrote it; null for a line that is none of ours.</param>
/// <param name="Text">What it says.</param>
internal sealed record LogLine(string? At, long? Generation, string Text)
{
    /// <summary>Takes a line apart: time, <c>g</c> and the generation's number, text.</summary>
    /// <param name="line">The line.</param>
    /// <returns>Its parts.</returns>
    public static LogLine Parse(string line)
    {
        var parts = line.Split(' ', 3);
        return parts.Length == 3 && parts[1].StartsWith('g') && long.TryParse(parts[1].AsSpan(1), out var generation)
            ? new LogLine(parts[0], generation, parts[2])
            : new LogLine(null, null, line);
    }

    /// <summary>Writes the line as JSON.</summary>
    /// <returns>One JSON object on one line.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, LogLineJson.Default.LogLine);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LogLine))]
internal sealed partial class LogLineJson : JsonSerializerContext;
