namespace Midstream.Releases;

// Looks releases up by their manifests. A manifest counts only while its folder is there.

internal static class StoredReleases
{
    /// <summary>Every manifest that can be read. Of a damaged or newer one, <see cref="Require"/> complains.</summary>
    public static IEnumerable<ReleaseManifest> Readable(StoreLayout layout)
    {
        foreach (var id in Ids(layout))
        {
            if (ReadOrNull(layout, id) is { } manifest)
                yield return manifest;
        }
    }

    /// <summary>The whole id that begins with the prefix.</summary>
    public static string Resolve(StoreLayout layout, string prefix)
    {
        var ids = Ids(layout).Where(id => prefix.Length > 0 && id.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal).ToList();
        return ids switch
        {
            [var only] => only,
            [] => throw NotFound(layout, prefix),
            _ => throw new ReleaseStoreException(
                ReleaseStoreFailure.Ambiguous,
                $"Several releases begin with '{prefix}': {string.Join(", ", ids)}. Give more digits of the one you mean."),
        };
    }

    /// <summary>The manifest of a release that must be there.</summary>
    public static ReleaseManifest Require(StoreLayout layout, string id) =>
        ReleaseId.IsId(id) && Directory.Exists(layout.FolderOf(id)) && ManifestFile.Read(layout, id) is { } manifest
            ? manifest
            : throw NotFound(layout, id);

    public static StoredRelease Describe(StoreLayout layout, ReleaseManifest manifest) => new(
        manifest.Id, layout.FolderOf(manifest.Id), manifest.Source, manifest.AddedAt, manifest.SizeBytes, manifest.FileCount);

    private static IEnumerable<string> Ids(StoreLayout layout) => layout.IdsWithManifest().Intersect(layout.IdsWithFolder());

    private static ReleaseManifest? ReadOrNull(StoreLayout layout, string id)
    {
        try
        {
            return ManifestFile.Read(layout, id);
        }
        catch (ReleaseStoreException)
        {
            return null;
        }
    }

    private static ReleaseStoreException NotFound(StoreLayout layout, string id) => new(
        ReleaseStoreFailure.NotFound,
        $"No release in '{layout.Directory}' begins with '{id}'. List the stored releases and choose one of them.");
}
