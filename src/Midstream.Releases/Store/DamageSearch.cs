namespace Midstream.Releases;

// Compares a stored release with its manifest and names the first difference, by path.

internal static class DamageSearch
{
    /// <summary>Says what is wrong in a few words; null when the release is whole.</summary>
    public static string? Find(StoreLayout layout, ReleaseManifest manifest, CancellationToken cancellation)
    {
        if (ReleaseId.Of(manifest.Entries) != manifest.Id)
            return $"'{manifest.Id}.json' does not describe what was stored";
        try
        {
            return FirstDifference(layout.FolderOf(manifest.Id), manifest, cancellation);
        }
        catch (ReleaseStoreException error) when (error.RefusedPath is not null)
        {
            return Surplus(error.RefusedPath); // Something the store would never have taken.
        }
    }

    private static string? FirstDifference(string folder, ReleaseManifest manifest, CancellationToken cancellation)
    {
        var present = SourceWalk.Of(RealPath.Of(folder), cancellation).ToDictionary(entry => entry.Path);
        var stored = manifest.Entries.ToDictionary(entry => entry.Path);
        return stored.Keys.Union(present.Keys).Order(StringComparer.Ordinal)
            .Select(path => Compare(folder, path, stored.GetValueOrDefault(path), present.GetValueOrDefault(path), cancellation))
            .FirstOrDefault(damage => damage is not null);
    }

    private static string? Compare(
        string folder, string path, ManifestEntry? stored, SourceEntry? present, CancellationToken cancellation)
    {
        if (present is null)
            return $"'{path}' is missing";
        if (stored is null)
            return Surplus(path);
        if (present.Kind != stored.Kind || present.SizeBytes != stored.SizeBytes || present.Executable != stored.Executable)
            return Differs(path);
        return IsAsStored(folder, stored, present, cancellation) ? null : Differs(path);
    }

    private static bool IsAsStored(string folder, ManifestEntry stored, SourceEntry present, CancellationToken cancellation)
    {
        try
        {
            return stored == (present.Kind == EntryKind.File
                ? FileCopy.Read(folder, present, cancellation)
                : FolderContent.EntryOf(present));
        }
        catch (Exception error) when (UnixErrors.IsFromFileSystem(error))
        {
            return false; // What cannot be read is not what was stored.
        }
    }

    private static string Surplus(string path) => $"'{path}' is surplus";

    private static string Differs(string path) => $"'{path}' differs";
}
