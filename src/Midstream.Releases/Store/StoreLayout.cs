namespace Midstream.Releases;

// Every name the store gives to something in its directory, in one place, so that nothing is left out of the repair.
//
//   <id>/                     a release's copy, read-only
//   <id>.json                 its manifest
//   .lock                     held for the moments in which names change
//   .incoming-<random>/       a copy being made; .json its manifest, .lock held by the process that makes it
//   .discarded-<random>/      a release being removed

internal sealed class StoreLayout(string directory)
{
    public const string IncomingPrefix = ".incoming-";
    public const string DiscardedPrefix = ".discarded-";
    public const string OwnerSuffix = ".lock";
    private const string ManifestSuffix = ".json";

    public string Directory { get; } = directory;

    public string LockFile => Path.Combine(Directory, ".lock");

    public string FolderOf(string id) => Path.Combine(Directory, id);

    public string ManifestOf(string id) => Path.Combine(Directory, id + ManifestSuffix);

    public string NewIncoming() => Path.Combine(Directory, IncomingPrefix + RandomLetters());

    public string NewDiscarded() => Path.Combine(Directory, DiscardedPrefix + RandomLetters());

    public IReadOnlyList<string> IdsWithManifest() =>
        [.. System.IO.Directory.EnumerateFiles(Directory, "*" + ManifestSuffix)
            .Select(path => Path.GetFileNameWithoutExtension(path)).Where(ReleaseId.IsId)];

    public IReadOnlyList<string> IdsWithFolder() =>
        [.. System.IO.Directory.EnumerateDirectories(Directory).Select(path => Path.GetFileName(path)).Where(ReleaseId.IsId)];

    private static string RandomLetters() => Path.GetRandomFileName().Replace(".", "", StringComparison.Ordinal);
}
