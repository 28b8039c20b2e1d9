using Midstream.Releases;

namespace Midstream.Modules.Packages;

/// <summary>Copies packages into the content-addressed store, and reads them from there. Thread-safe.</summary>
/// <param name="folder">The store.</param>
/// <param name="given">The supervisor's store, which this process only reads: what is in it is not copied once more; null when
/// there is no supervisor.</param>
internal sealed class PackageStore(string folder, string? given = null)
{
    private readonly Lazy<ReleaseStore> _store = new(() => ReleaseStore.Open(folder));

    /// <summary>Reads the name of the module in a folder.</summary>
    /// <exception cref="ModulePackageException">It is no package.</exception>
    public static string NameOf(string source) => Directory.Exists(source)
        ? ModulePackage.ReadManifest(source).Name
        : throw new ModulePackageException($"{source} is no folder. Name the folder that 'dotnet publish' wrote.");

    /// <summary>Copies a package into the store.</summary>
    /// <exception cref="ModulePackageException">It is no package, or the store does not take it.</exception>
    public async Task<ModulePackage> AddAsync(string source, CancellationToken cancellationToken)
    {
        // Before the copy, so that a folder that is no package leaves nothing in the store.
        NameOf(source);
        if (given is not null && Path.GetDirectoryName(source) == given)
            return Given(source);
        try
        {
            return ModulePackage.Of(await _store.Value.AddAsync(source, cancellationToken));
        }
        catch (ReleaseStoreException error)
        {
            throw new ModulePackageException(error.Message);
        }
    }

    /// <summary>Finds a package that was stored before, whole and unchanged.</summary>
    /// <exception cref="ModulePackageException">It is not there, or it was changed on disk.</exception>
    public ModulePackage Find(string id)
    {
        if (given is not null && Path.Combine(given, id) is var path && Directory.Exists(path))
            return Given(path);
        try
        {
            var stored = _store.Value.Find(id);
            return _store.Value.FindDamage(stored.Id) is { } damage
                ? throw new ModulePackageException(
                    $"The package {id} has been changed in the store: {damage}. Remove {stored.Folder} and deploy it again.")
                : ModulePackage.Of(stored);
        }
        catch (ReleaseStoreException error)
        {
            throw new ModulePackageException(error.Message);
        }
    }

    /// <summary>Removes the oldest packages.</summary>
    /// <param name="keep">How many of the newest are kept beside those in use.</param>
    /// <param name="inUse">The ids of those that are kept however old they are.</param>
    /// <exception cref="ModulePackageException">One could not be removed.</exception>
    public void Prune(int keep, IReadOnlySet<string> inUse)
    {
        try
        {
            _store.Value.Prune(keep + inUse.Count, inUse);
        }
        catch (ReleaseStoreException error)
        {
            throw new ModulePackageException(error.Message);
        }
    }

    // The supervisor has compared it with what was stored. Its list may be closed to this process's user.
    private static ModulePackage Given(string path) =>
        ModulePackage.Of(new StoredRelease(Path.GetFileName(path), path, path, default, SizeBytes: 0, Files: 0));
}
