// Reads and checks module.json, and reports everything that is wrong with it at once.

using System.Text.Json;
using Midstream.Core.Configuration;

namespace Midstream.Core.Modules;

/// <summary>Reads a package's manifest.</summary>
public static class ModuleManifestReader
{
    private const int Format = 1;

    private static readonly string[] s_members =
        ["format", "name", "version", "assembly", "type", "path", "hosts", "mode", "needs"];

    /// <summary>Reads a manifest.</summary>
    /// <param name="utf8">The file's content.</param>
    /// <returns>The manifest, or all that is wrong with it.</returns>
    public static ManifestResult Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(
                utf8, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(document.RootElement)
                : new ManifestResult(null, ["It is no JSON object."]);
        }
        catch (JsonException error)
        {
            return new ManifestResult(null, [$"It is no JSON: {error.Message}"]);
        }
    }

    private static ManifestResult Read(JsonElement root)
    {
        var errors = new List<string>();
        foreach (var member in root.EnumerateObject().Where(member => !s_members.Contains(member.Name)))
            errors.Add(Unknown(member.Name));
        if (Number(root, "format", errors) is { } format and not Format)
            errors.Add($"format: {format} is not known; this host reads {Format}.");

        var name = Text(root, "name", errors, isRequired: true);
        Check(name is null || IsName(name), "name", "1 to 63 of a to z, 0 to 9 and -, beginning with a letter", errors);
        var version = Text(root, "version", errors, isRequired: true);
        Check(version is null || IsVersion(version), "version", "1 to 64 of letters, digits, '.', '-' and '+'", errors);
        var assembly = Text(root, "assembly", errors, isRequired: true);
        Check(assembly is null || IsAssembly(assembly), "assembly", "the name of a .dll in the package's root", errors);
        var path = Text(root, "path", errors) ?? $"/{name}";
        Check(IsPath(path), "path", "one that begins with '/' and does not end with it, or '/' alone", errors);
        var mode = Text(root, "mode", errors) ?? "collectible";
        Check(mode is "collectible" or "pinned", "mode", "\"collectible\" or \"pinned\"", errors);
        var needs = List(root, "needs", errors);
        Check(needs.All(IsName), "needs", "names of modules", errors);
        Check(!needs.Contains(name), "needs", "other modules", errors);
        if (errors.Count > 0)
            return new ManifestResult(null, errors);

        return new ManifestResult(
            new ModuleManifest
            {
                Name = name!,
                Version = version!,
                Assembly = assembly!,
                Type = Text(root, "type", errors),
                Path = path,
                Hosts = List(root, "hosts", errors),
                IsPinned = mode == "pinned",
                Needs = needs,
            },
            errors);
    }

    /// <summary>Tells whether a text can be a module's name.</summary>
    /// <param name="name">The text.</param>
    public static bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return ServiceName.IsValid(name) && char.IsAsciiLetter(name[0]);
    }

    private static bool IsVersion(string version) =>
        version.Length is > 0 and <= 64 && version.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '+');

    private static bool IsAssembly(string assembly) => assembly.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
        && assembly.Length > 4 && assembly.IndexOfAny(['/', '\\']) < 0;

    private static bool IsPath(string path) =>
        path == "/" || (path.StartsWith('/') && !path.EndsWith('/') && !path.Contains("//", StringComparison.Ordinal));

    private static void Check(bool isRight, string member, string expected, List<string> errors)
    {
        // A member that could not be read has been reported already.
        if (!isRight && !errors.Exists(error => error.StartsWith($"{member}:", StringComparison.Ordinal)))
            errors.Add($"{member}: write {expected}.");
    }

    private static string? Text(JsonElement root, string member, List<string> errors, bool isRequired = false)
    {
        if (!root.TryGetProperty(member, out var value))
        {
            if (isRequired)
                errors.Add($"{member}: is missing.");
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
            return value.GetString();
        errors.Add($"{member}: write a text.");
        return null;
    }

    private static int? Number(JsonElement root, string member, List<string> errors)
    {
        if (root.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt32(out var number))
            return number;
        errors.Add($"{member}: write {Format}.");
        return null;
    }

    private static string[] List(JsonElement root, string member, List<string> errors)
    {
        if (!root.TryGetProperty(member, out var value))
            return [];
        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
            return [.. value.EnumerateArray().Select(item => item.GetString()!)];
        errors.Add($"{member}: write a list of texts.");
        return [];
    }

    private static string Unknown(string member) => NearestKey.Find(member, s_members) is { } nearest
        ? $"{member}: is not known; {nearest} is."
        : $"{member}: is not known.";
}
