using System.Text.Json.Serialization;

namespace Midstream.Releases;

// What <id>.json holds: enough to describe a release without reading it, and to tell the first damaged file by name.

internal enum EntryKind
{
    File,
    Folder,
    Link,
}

/// <summary>One entry of a release.</summary>
/// <param name="Path">Relative to the release, with '/' between names.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Executable">Whether a regular file may be executed; false for the others.</param>
/// <param name="SizeBytes">The size of a regular file; 0 for the others.</param>
/// <param name="Hash">The SHA-256 of a file's bytes or of a link's target, in lower-case hex; empty for a folder.</param>
internal sealed record ManifestEntry(string Path, EntryKind Kind, bool Executable, long SizeBytes, string Hash);

internal sealed record ReleaseManifest(
    int FormatVersion, string Id, DateTimeOffset AddedAt, string Source, IReadOnlyList<ManifestEntry> Entries)
{
    public const int CurrentFormatVersion = 1;

    [JsonIgnore]
    public int FileCount => Entries.Count(entry => entry.Kind == EntryKind.File);

    [JsonIgnore]
    public long SizeBytes => Entries.Sum(entry => entry.SizeBytes);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, WriteIndented = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ReleaseManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
