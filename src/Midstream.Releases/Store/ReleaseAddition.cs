namespace Midstream.Releases;

// The way of one folder into the store: look, compare with what is there, copy, publish.

internal sealed class ReleaseAddition(StoreLayout layout, TimeProvider clock, CancellationToken cancellation)
{
    public async Task<StoredRelease> RunAsync(string sourceFolder)
    {
        var root = RequireSource(sourceFolder);
        var found = Walk(root);
        return await FindSameAsync(root, found) ?? await CopyAsync(root, found);
    }

    private string RequireSource(string sourceFolder)
    {
        if (!Directory.Exists(sourceFolder))
            throw new ReleaseStoreException(
                ReleaseStoreFailure.SourceNotFound,
                $"There is no folder '{Path.GetFullPath(sourceFolder)}'. Give the folder that the build wrote.");
        var root = RealPath.Of(sourceFolder);
        var store = RealPath.Of(layout.Directory);
        if (RealPath.IsAtOrBelow(root, store) || RealPath.IsAtOrBelow(store, root))
            throw new ReleaseStoreException(
                ReleaseStoreFailure.SourceRefused,
                $"'{root}' and the release store '{store}' lie inside each other. Use a folder apart from the store.");
        return root;
    }

    private IReadOnlyList<SourceEntry> Walk(string root)
    {
        try
        {
            var found = SourceWalk.Of(root, cancellation);
            return found.Any(entry => entry.Kind == EntryKind.File) ? found : throw new ReleaseStoreException(
                ReleaseStoreFailure.SourceEmpty, $"The folder '{root}' holds no file. Give the folder that the build wrote.");
        }
        catch (Exception error) when (UnixErrors.IsFromFileSystem(error))
        {
            throw UnreadableSource(root, error);
        }
    }

    // Reading the source twice is cheaper than writing it once, and is done only where a stored release looks alike.
    private async Task<StoredRelease?> FindSameAsync(string root, IReadOnlyList<SourceEntry> found)
    {
        var size = found.Sum(entry => entry.SizeBytes);
        var alike = StoredReleases.Readable(layout)
            .Where(manifest => manifest.Entries.Count == found.Count && manifest.SizeBytes == size).ToList();
        if (alike.Count == 0)
            return null;
        var id = ReleaseId.Of(await ReadAsync(root, found));
        return alike.Find(manifest => manifest.Id == id) is { } same ? AlreadyStored(same) : null;
    }

    private async Task<IReadOnlyList<ManifestEntry>> ReadAsync(string root, IReadOnlyList<SourceEntry> found)
    {
        try
        {
            return await FolderContent.ReadAsync(root, found, cancellation);
        }
        catch (Exception error) when (UnixErrors.IsFromFileSystem(error))
        {
            throw UnreadableSource(root, error);
        }
    }

    private async Task<StoredRelease> CopyAsync(string root, IReadOnlyList<SourceEntry> found)
    {
        using var incoming = Incoming.Begin(layout);
        var entries = await FolderContent.CopyAsync(root, found, incoming.Folder, cancellation);
        cancellation.ThrowIfCancellationRequested();
        var manifest = new ReleaseManifest(
            ReleaseManifest.CurrentFormatVersion, ReleaseId.Of(entries), clock.GetUtcNow(), root, entries);
        return Publication.TryPublish(layout, incoming, manifest)
            ? StoredReleases.Describe(layout, manifest)
            : AlreadyStored(StoredReleases.Require(layout, manifest.Id));
    }

    // A damaged release must not be deployed for being there already. Replacing it could pull files from under a worker.
    private StoredRelease AlreadyStored(ReleaseManifest manifest)
    {
        if (DamageSearch.Find(layout, manifest, cancellation) is { } damage)
            throw new ReleaseStoreException(
                ReleaseStoreFailure.Damaged,
                $"The release {manifest.Id} is stored already, but damaged: {damage}. When no worker runs from it, remove " +
                $"'{layout.FolderOf(manifest.Id)}' and '{layout.ManifestOf(manifest.Id)}', then try again.");
        return StoredReleases.Describe(layout, manifest) with { AlreadyStored = true };
    }

    private static ReleaseStoreException UnreadableSource(string root, Exception error) => new(
        ReleaseStoreFailure.SourceRefused,
        $"The folder '{root}' cannot be read ({error.Message}). Check its permissions, then try again.",
        error);
}
