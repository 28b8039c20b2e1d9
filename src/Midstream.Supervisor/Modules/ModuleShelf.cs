using System.Text.Json;
using Midstream.Core.Modules;
using Midstream.Linux;
using Midstream.Releases;

namespace Midstream.Supervisor.Modules;

/// <summary>A package in the store, with what it says of itself.</summary>
internal sealed record ShelvedPackage(ModuleManifest Manifest, StoredRelease Stored);

/// <summary>
/// The packages of a service's modules, and the set of them that every worker is to load: what an operator last said, whoever
/// has died since. The supervisor alone writes it; a worker gets it at its birth.
/// </summary>
/// <remarks>Thread-safe. Only the operation that has the slot of operations changes the set.</remarks>
internal sealed class ModuleShelf
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _setFile;
    private readonly string _folder;
    private readonly Lazy<ReleaseStore> _store;
    private volatile DesiredSet _set;

    /// <summary>Reads the set.</summary>
    /// <param name="setFile">Where it is written.</param>
    /// <param name="folder">The packages; made when the first comes.</param>
    /// <exception cref="SupervisorException">It cannot be read, or is of a newer version.</exception>
    public ModuleShelf(string setFile, string folder)
    {
        _setFile = setFile;
        _folder = Path.GetFullPath(folder);
        _store = new Lazy<ReleaseStore>(() => ReleaseStore.Open(_folder));
        _set = Read(setFile) with { Store = _folder };
    }

    /// <summary>Gets the set that is to be loaded.</summary>
    public DesiredSet Set => _set;

    /// <summary>Gets the set as a worker is given it.</summary>
    public string ForWorkers => System.Text.Encoding.UTF8.GetString(_set.ToJson());

    /// <summary>Writes the set in the place of the one before; it survives a power cut.</summary>
    /// <param name="set">The set.</param>
    /// <exception cref="IOException">The disk is full or broken; the one before is what counts.</exception>
    public void Write(DesiredSet set)
    {
        AtomicFile.Write(_setFile, (set with { Store = null }).ToJson(), Mode);
        _set = set;
    }

    /// <summary>Holds a set that is the case though it cannot be written.</summary>
    /// <param name="set">The set.</param>
    /// <returns>Why it is not on disk; null when it is.</returns>
    public IOException? Settle(DesiredSet set)
    {
        try
        {
            Write(set);
            return null;
        }
        catch (IOException unwritten)
        {
            _set = set;
            return unwritten;
        }
    }

    /// <summary>Checks a folder and copies it into the store.</summary>
    /// <param name="folder">The package.</param>
    /// <param name="cancellationToken">Gives the copy up.</param>
    /// <returns>The package.</returns>
    /// <exception cref="ModuleRequestException">It is no package.</exception>
    /// <exception cref="ReleaseStoreException">The store does not take it.</exception>
    public async Task<ShelvedPackage> AddAsync(string folder, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
            throw new ModuleRequestException($"{folder} is no folder. Name the folder that 'dotnet publish' wrote.");
        // Before the copy: what is no package leaves nothing behind.
        var manifest = ReadManifest(folder);
        if (!File.Exists(Path.Combine(folder, manifest.Assembly)))
            throw new ModuleRequestException(
                $"{folder} does not hold {manifest.Assembly}, which its {ModuleManifest.FileName} names as the assembly. " +
                "Name the folder that 'dotnet publish' wrote.");
        var stored = await _store.Value.AddAsync(folder, cancellationToken);
        return new ShelvedPackage(ReadManifest(stored.Folder), stored);
    }

    /// <summary>Finds a package that is whole and unchanged.</summary>
    /// <param name="id">Its id.</param>
    /// <exception cref="ModuleRequestException">It is not there, or has been changed on disk.</exception>
    public ShelvedPackage Find(string id)
    {
        try
        {
            var stored = _store.Value.Find(id);
            return _store.Value.FindDamage(stored.Id) is { } damage
                ? throw new ModuleRequestException(
                    $"Package {id} is not what was deployed: {damage} Deploy its folder again.")
                : new ShelvedPackage(ReadManifest(stored.Folder), stored);
        }
        catch (ReleaseStoreException missing)
        {
            throw new ModuleRequestException($"Package {id} is not there any more: {missing.Message}");
        }
    }

    /// <summary>Finds where a package is.</summary>
    /// <param name="id">Its id.</param>
    /// <returns>The folder; null when it is not in the store.</returns>
    public string? FolderOf(string id) => Path.Combine(_folder, id) is var path && Directory.Exists(path) ? path : null;

    /// <summary>Finds a package's version.</summary>
    /// <param name="id">Its id; null for none.</param>
    /// <returns>The version; null when there is no such package.</returns>
    public string? VersionOf(string? id)
    {
        try
        {
            return id is not null && FolderOf(id) is { } folder ? ReadManifest(folder).Version : null;
        }
        catch (ModuleRequestException)
        {
            return null;
        }
    }

    /// <summary>Removes the oldest packages that are not in use.</summary>
    /// <param name="keep">How many of the newest stay.</param>
    /// <exception cref="ReleaseStoreException">The store cannot be changed.</exception>
    public void Prune(int keep)
    {
        var inUse = Set.Modules.Values.SelectMany(wish => new[] { wish.Package, wish.Previous, wish.Canary?.Package })
            .OfType<string>().ToHashSet();
        // A package is smaller than a release, and there are several modules.
        _store.Value.Prune(keep * Math.Max(1, Set.Modules.Count), inUse);
    }

    private static ModuleManifest ReadManifest(string folder)
    {
        var path = Path.Combine(folder, ModuleManifest.FileName);
        if (!File.Exists(path))
            throw new ModuleRequestException($"{folder} is no package: it has no {ModuleManifest.FileName}.");
        var (manifest, errors) = ModuleManifestReader.Read(File.ReadAllBytes(path));
        return manifest ?? throw new ModuleRequestException($"{path} is wrong: {string.Join(' ', errors)}");
    }

    private static DesiredSet Read(string path)
    {
        if (!File.Exists(path))
            return DesiredSet.Empty;
        try
        {
            var set = DesiredSet.Read(File.ReadAllBytes(path));
            return set.Format == DesiredSet.CurrentFormat ? set : throw new SupervisorException(
                SupervisorFailure.StateTooNew,
                $"{path} was written by another Midstream (format {set.Format}; this one reads {DesiredSet.CurrentFormat}). " +
                    "Run that program, or remove the file to load the modules that the application comes with.");
        }
        catch (Exception unreadable) when (unreadable is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new SupervisorException(
                SupervisorFailure.StateUnusable,
                $"{path} cannot be read: {unreadable.Message} Remove it to load the modules that the application comes with.",
                unreadable);
        }
    }
}
