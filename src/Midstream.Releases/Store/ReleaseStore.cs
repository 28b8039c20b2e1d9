namespace Midstream.Releases;

// The store as its callers see it. How a copy is made, published, repaired and removed is in the types it uses.

/// <summary>
/// Keeps immutable copies of releases in one directory, each named by its content. Thread-safe, and safe for several
/// processes on the same directory. Every method but <see cref="AddAsync"/> blocks while it reads the disk.
/// </summary>
/// <param name="directory">The store's directory. <see cref="Open"/> creates and repairs it; the constructor does not.</param>
public sealed class ReleaseStore(string directory)
{
    private readonly StoreLayout _layout = new(Path.GetFullPath(directory));

    /// <summary>Gets the clock that dates releases. The system's by default.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Opens a store: creates its directory if need be and repairs what a killed process left.</summary>
    /// <param name="directory">The store's directory; its parents are created as well.</param>
    /// <returns>The store.</returns>
    /// <exception cref="ReleaseStoreException">The directory cannot be created, read or repaired.</exception>
    public static ReleaseStore Open(string directory)
    {
        var store = new ReleaseStore(directory);
        return store.Guard(() =>
        {
            Directory.CreateDirectory(store._layout.Directory);
            using var held = StoreLock.Acquire(store._layout);
            new StoreRepair(store._layout).Run_NeedsLock();
            return store;
        });
    }

    /// <summary>Copies a folder into the store. Content that is stored already is not written again. A failure, a
    /// cancellation or a kill leaves the store as it was.</summary>
    /// <param name="sourceFolder">The folder; nothing may write to it meanwhile.</param>
    /// <param name="cancellationToken">Abandons the copy and removes what was copied.</param>
    /// <returns>The release, on disk for good when the task completes.</returns>
    /// <exception cref="ReleaseStoreException">The source or the store does not allow it; the failure says which.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<StoredRelease> AddAsync(string sourceFolder, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(sourceFolder);
        var addition = new ReleaseAddition(_layout, Clock, cancellationToken);
        try
        {
            return await Task.Run(() => addition.RunAsync(sourceFolder), cancellationToken);
        }
        catch (Exception error) when (UnixErrors.IsFromFileSystem(error))
        {
            throw ReleaseStoreException.OfStore(_layout.Directory, error);
        }
    }

    /// <summary>Lists what is stored, newest first.</summary>
    /// <returns>The releases; empty when there is none.</returns>
    /// <exception cref="ReleaseStoreException">The store cannot be read.</exception>
    public IReadOnlyList<StoredRelease> List() => Guard(() => NewestFirst().ToList());

    /// <summary>Finds one release.</summary>
    /// <param name="idOrPrefix">Its id, or as many of the id's first digits as tell it from the others.</param>
    /// <returns>The release.</returns>
    /// <exception cref="ReleaseStoreException">No release begins so, or several do.</exception>
    public StoredRelease Find(string idOrPrefix)
    {
        ArgumentNullException.ThrowIfNull(idOrPrefix);
        return Guard(() => StoredReleases.Describe(
            _layout, StoredReleases.Require(_layout, StoredReleases.Resolve(_layout, idOrPrefix))));
    }

    /// <summary>Reads a release again and compares it with what was stored.</summary>
    /// <param name="id">The release's whole id.</param>
    /// <returns>The first file by name that differs, is missing or is surplus, and which of these; null when whole.</returns>
    /// <exception cref="ReleaseStoreException">There is no such release, or it cannot be read.</exception>
    public string? FindDamage(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return Guard(() =>
        {
            try
            {
                return DamageSearch.Find(_layout, StoredReleases.Require(_layout, id), CancellationToken.None);
            }
            catch (ReleaseStoreException error) when (error.Failure == ReleaseStoreFailure.Damaged)
            {
                return $"'{id}.json' differs";
            }
        });
    }

    /// <summary>Removes old releases.</summary>
    /// <param name="keep">How many of the newest stay, 0 or more.</param>
    /// <param name="inUse">Ids that stay however old they are, in addition.</param>
    /// <returns>The ids removed, newest first.</returns>
    /// <exception cref="ReleaseStoreException">The store cannot be changed.</exception>
    public IReadOnlyList<string> Prune(int keep, IReadOnlySet<string> inUse)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keep);
        ArgumentNullException.ThrowIfNull(inUse);
        return Guard(() =>
        {
            var removed = Discard(keep, inUse);
            foreach (var (_, folder) in removed)
                StoreRemoval.DeleteDiscarded(folder);
            return removed.ConvertAll(release => release.Id);
        });
    }

    // Under the lock only names change; deleting the files, which takes long, needs no lock.
    private List<(string Id, string Folder)> Discard(int keep, IReadOnlySet<string> inUse)
    {
        using var held = StoreLock.Acquire(_layout);
        return [.. NewestFirst().Skip(keep).Where(release => !inUse.Contains(release.Id)).ToList()
            .Select(release => (release.Id, StoreRemoval.Discard_NeedsLock(_layout, release.Id)))];
    }

    private IEnumerable<StoredRelease> NewestFirst() => StoredReleases.Readable(_layout)
        .OrderByDescending(manifest => manifest.AddedAt).ThenBy(manifest => manifest.Id, StringComparer.Ordinal)
        .Select(manifest => StoredReleases.Describe(_layout, manifest));

    private T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (UnixErrors.IsFromFileSystem(error))
        {
            throw ReleaseStoreException.OfStore(_layout.Directory, error);
        }
    }
}
