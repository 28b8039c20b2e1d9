// What a program that looks into a process from outside tells of the load contexts in it.

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Midstream.Core.Modules;

/// <summary>What keeps load contexts in a process's memory.</summary>
/// <param name="StoodStillMs">How long the process stood still for it, in milliseconds.</param>
/// <param name="IsComplete">Whether all that is reachable was looked at before the time was over.</param>
/// <param name="Contexts">What was found of each context that was asked for, in that order; empty with a problem.</param>
/// <param name="Problem">Why nothing was found out, a sentence for the operator; null when something was.</param>
public sealed record RootReport(
    double StoodStillMs, bool IsComplete, IReadOnlyList<ContextRoots> Contexts, string? Problem = null)
{
    /// <summary>Writes the report.</summary>
    /// <returns>JSON on one line.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, RootReportJson.Default.RootReport);

    /// <summary>Reads a report.</summary>
    /// <param name="json">What was written.</param>
    /// <exception cref="JsonException">It is damaged.</exception>
    public static RootReport Read(string json) =>
        JsonSerializer.Deserialize(json, RootReportJson.Default.RootReport) ?? throw new JsonException("It is empty.");
}

/// <summary>What keeps one load context.</summary>
/// <param name="Context">Its name, <c>module@generation</c>.</param>
/// <param name="IsInMemory">Whether it is there at all.</param>
/// <param name="Culprits">Each root that keeps it, with the path to what it holds.</param>
public sealed record ContextRoots(string Context, bool IsInMemory, IReadOnlyList<UnloadCulprit> Culprits);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RootReport))]
internal sealed partial class RootReportJson : JsonSerializerContext;
