using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Midstream.Cli.Operating;

/// <summary>One line of the workers' log, taken apart.</summary>
/// <param name="At">When it was written, UTC, as in the log; null for a line that is none of ours.</param>
/// <param name="Generation">Who wrote it; null for a line of midstream's own, or none of ours.</param>
/// <param name="Worker">Which of the generation's workers, counted from 1; null when the line does not say.</param>
/// <param name="Text">What it says.</param>
internal sealed record LogLine(string? At, long? Generation, int? Worker, string Text)
{
    private const string Own = "midstream";

    /// <summary>Gets whether no worker wrote it: the log itself says that lines are missing.</summary>
    [JsonIgnore]
    public bool IsOwn => At is not null && Generation is null;

    /// <summary>Takes a line apart: time, <c>g</c> with the generation's number and, after a point, the worker's, text.</summary>
    /// <param name="line">The line.</param>
    /// <returns>Its parts.</returns>
    public static LogLine Parse(string line)
    {
        var parts = line.Split(' ', 3);
        if (parts.Length == 3 && parts[1] == Own)
            return new LogLine(parts[0], null, null, parts[2]);
        if (parts.Length < 3 || parts[1] is not ['g', .. var name])
            return new LogLine(null, null, null, line);
        var numbers = name.Split('.');
        if (numbers.Length > 2 || !TryRead(numbers[0], out var generation))
            return new LogLine(null, null, null, line);
        if (numbers.Length == 1)
            return new LogLine(parts[0], generation, null, parts[2]);
        return TryRead(numbers[1], out var worker) && worker <= int.MaxValue
            ? new LogLine(parts[0], generation, (int)worker, parts[2])
            : new LogLine(null, null, null, line);
    }

    /// <summary>Writes the line as JSON.</summary>
    /// <returns>One JSON object on one line.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, LogLineJson.Default.LogLine);

    private static bool TryRead(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LogLine))]
internal sealed partial class LogLineJson : JsonSerializerContext;
