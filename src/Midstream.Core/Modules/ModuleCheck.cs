// How a program asks a host application to test a package instead of serving, and what it answers.

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Midstream.Core.Modules;

/// <summary>What is to be tested.</summary>
/// <param name="Package">The package's folder, absolute.</param>
/// <param name="Report">Where the report is written, absolute.</param>
/// <param name="Previous">The package that it is to replace; null for none.</param>
/// <param name="StateFolder">A folder with state to begin with; null for none.</param>
public sealed record ModuleCheckOrder(string Package, string Report, string? Previous = null, string? StateFolder = null)
{
    /// <summary>The environment variable that carries the order.</summary>
    public const string VariableName = "MIDSTREAM_MODULE_CHECK";

    /// <summary>Writes the order as the value of <see cref="VariableName"/>.</summary>
    public string ToVariable() => JsonSerializer.Serialize(this, ModuleCheckJson.Default.ModuleCheckOrder);

    /// <summary>Reads the value of <see cref="VariableName"/>.</summary>
    /// <param name="value">The value; null when it is not set.</param>
    /// <returns>The order; null when there is none.</returns>
    /// <exception cref="JsonException">It is damaged.</exception>
    public static ModuleCheckOrder? Read(string? value) =>
        string.IsNullOrEmpty(value) ? null : JsonSerializer.Deserialize(value, ModuleCheckJson.Default.ModuleCheckOrder);
}

/// <summary>How the test of a package came out.</summary>
/// <param name="Passed">Whether every step has.</param>
/// <param name="Module">The module's name; empty when the package could not be read.</param>
/// <param name="Version">The package's version; empty when it could not be read.</param>
/// <param name="Steps">What was done, in order; the last has failed when the test has.</param>
public sealed record ModuleCheckReport(bool Passed, string Module, string Version, IReadOnlyList<ModuleCheckStep> Steps)
{
    /// <summary>Writes the report.</summary>
    /// <returns>JSON on one line.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, ModuleCheckJson.Default.ModuleCheckReport);

    /// <summary>Reads a report.</summary>
    /// <param name="json">What was written.</param>
    /// <exception cref="JsonException">It is damaged.</exception>
    public static ModuleCheckReport Read(string json) =>
        JsonSerializer.Deserialize(json, ModuleCheckJson.Default.ModuleCheckReport) ?? throw new JsonException("It is empty.");
}

/// <summary>One step of a test.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Passed">Whether it went well.</param>
/// <param name="ElapsedMs">How long it took, in milliseconds.</param>
/// <param name="Detail">What there is to know of it; empty for nothing.</param>
public sealed record ModuleCheckStep(string Name, bool Passed, double ElapsedMs, string Detail);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModuleCheckOrder))]
[JsonSerializable(typeof(ModuleCheckReport))]
internal sealed partial class ModuleCheckJson : JsonSerializerContext;
