using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace Midstream.Releases;

// The part of a *.runtimeconfig.json this product needs: which frameworks, which major version, self-contained or not.
// The format is the .NET host's: https://github.com/dotnet/sdk/blob/main/documentation/specs/runtime-configuration-file.md

internal sealed record FrameworkReference(string Name, string Version)
{
    /// <summary>The number before the first dot, or null when the version does not begin with one.</summary>
    public int? Major =>
        int.TryParse(Version.Split('.', 2)[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : null;

    public override string ToString() => $"{Name} {Version}";
}

internal sealed record RuntimeConfig(
    string FileName, bool SelfContained, bool HooksAreOff, IReadOnlyList<FrameworkReference> Frameworks)
{
    private const string Suffix = ".runtimeconfig.json";

    // The .NET host accepts comments in this file.
    private static readonly JsonDocumentOptions s_json = new() { CommentHandling = JsonCommentHandling.Skip };

    /// <summary>The name of the application: `Shop` for `Shop.runtimeconfig.json`.</summary>
    public string Application => FileName[..^Suffix.Length];

    public static IEnumerable<string> FilesIn(string folder) =>
        Directory.EnumerateFiles(folder, "*" + Suffix)
            .Where(path => Path.GetFileName(path).Length > Suffix.Length)
            .Order(StringComparer.Ordinal);

    /// <exception cref="JsonException">The file is not a runtime configuration.</exception>
    /// <exception cref="IOException">The file cannot be read; also UnauthorizedAccessException.</exception>
    public static RuntimeConfig Read(string path)
    {
        using var stream = File.OpenRead(path);
        using var document = JsonDocument.Parse(stream, s_json);
        if (!TryProperty(document.RootElement, "runtimeOptions", JsonValueKind.Object, out var options))
            throw new JsonException("it has no 'runtimeOptions'");
        var selfContained = TryProperty(options.Value, "includedFrameworks", JsonValueKind.Array, out _);
        return new RuntimeConfig(
            Path.GetFileName(path), selfContained, HooksAreOffIn(options.Value), [.. FrameworksOf(options.Value)]);
    }

    // Trimmed applications have start-up hooks switched off; the runtime then ignores DOTNET_STARTUP_HOOKS without a word.
    private static bool HooksAreOffIn(JsonElement options) =>
        TryProperty(options, "configProperties", JsonValueKind.Object, out var properties)
        && TryProperty(properties.Value, "System.StartupHookProvider.IsSupported", JsonValueKind.False, out _);

    private static IEnumerable<FrameworkReference> FrameworksOf(JsonElement options)
    {
        if (TryProperty(options, "framework", JsonValueKind.Object, out var single))
            yield return ReferenceOf(single.Value);
        foreach (var list in new[] { "frameworks", "includedFrameworks" })
        {
            if (!TryProperty(options, list, JsonValueKind.Array, out var several))
                continue;
            foreach (var item in several.Value.EnumerateArray())
                yield return ReferenceOf(item);
        }
    }

    private static FrameworkReference ReferenceOf(JsonElement item) => new(TextOf(item, "name"), TextOf(item, "version"));

    private static string TextOf(JsonElement item, string name) =>
        TryProperty(item, name, JsonValueKind.String, out var text) ? text.Value.GetString()! : "";

    private static bool TryProperty(
        JsonElement parent, string name, JsonValueKind kind, [NotNullWhen(true)] out JsonElement? value)
    {
        value = null;
        if (parent.ValueKind != JsonValueKind.Object || !parent.TryGetProperty(name, out var found) || found.ValueKind != kind)
            return false;
        value = found;
        return true;
    }
}
