namespace Midstream.Releases;

// The store as its callers see it. How a copy is made, published, repaired and removed is in the types it uses.

/// <summary>
/// Keeps immutable copies of releases in one directory, each named by its content. Thread-safe, and safe for several
/// processes on the same directory. Every method but <see cref="AddAsync"/> blocks while it reads the disk.
/// </summary>
/// <param name="directory">The store's directory. <see cref="Open"/> creates and repairs it; the constructor does not.</param>
public sealed class ReleaseStore(string directory) : IReleaseStore
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

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public IReadOnlyList<StoredRelease> List() => Guard(() => NewestFirst().ToList());

    /// <inheritdoc/>
    public StoredRelease Find(string idOrPrefix)
    {
        ArgumentNullException.ThrowIfNull(idOrPrefix);
        return Guard(() => StoredReleases.Describe(
            _layout, StoredReleases.Require(_layout, StoredReleases.Resolve(_layout, idOrPrefix))));
    }

    /// <inheritdoc/>
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

    /// <inheritdoc/>
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
