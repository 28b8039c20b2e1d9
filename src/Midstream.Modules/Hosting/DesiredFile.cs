using System.Text.Json;
using Midstream.Core.Modules;
using Midstream.Releases;

namespace Midstream.Modules.Hosting;

/// <summary>The set of modules that is to be loaded, on disk: written before it is acted upon, and replaced as a whole, so that
/// after a kill at any moment it is the old set or the new one. Under a supervisor it is that one's set, which the supervisor
/// writes down for all workers: what is wished here then holds for this process only. Thread-safe.</summary>
/// <param name="folder">Where the file is.</param>
/// <param name="given">The supervisor's set at this process's start; null when there is no supervisor.</param>
internal sealed class DesiredFile(string folder, DesiredSet? given = null)
{
    private readonly Lock _lock = new();
    private readonly bool _isGiven = given is not null;
    private readonly string _path = Path.Combine(folder, "modules.json");
    private readonly Dictionary<string, string> _shipped = [];
    private DesiredSet? _set = given;

    /// <summary>Gets what was last wished for a module; null for nothing.</summary>
    public DesiredModule? this[string module]
    {
        get
        {
            lock (_lock)
                return Read_NeedsLock().Modules.GetValueOrDefault(module);
        }
    }

    /// <summary>Gets the ids of all packages that are wished or that a rollback would load.</summary>
    public IReadOnlyList<string> Packages
    {
        get
        {
            lock (_lock)
            {
                return [.. Read_NeedsLock().Modules.Values
                    .SelectMany(wish => new[] { wish.Package, wish.Previous, wish.Shipped, wish.Canary?.Package })
                    .OfType<string>()];
            }
        }
    }

    /// <summary>Notes what the application comes with, and chooses what is to be loaded.</summary>
    /// <exception cref="ModulePackageException">The file cannot be understood.</exception>
    public IReadOnlyDictionary<string, string> Choose(IReadOnlyDictionary<string, string> shipped)
    {
        lock (_lock)
        {
            foreach (var (module, package) in shipped)
                _shipped[module] = package;
            return DesiredModules.Choose(Read_NeedsLock().Modules, shipped);
        }
    }

    /// <summary>Makes a wish of a package, or of none.</summary>
    public KeyValuePair<string, DesiredModule?> Wish(
        string module, string? package, string? previous, DesiredCanary? canary = null)
    {
        lock (_lock)
            return new(module, new DesiredModule(package, previous, _shipped.GetValueOrDefault(module), canary));
    }

    /// <summary>Writes wishes down.</summary>
    /// <param name="wishes">The wish for each module; null for none at all.</param>
    /// <exception cref="IOException">They could not be written; the old set stands.</exception>
    public void Write(IEnumerable<KeyValuePair<string, DesiredModule?>> wishes)
    {
        lock (_lock)
        {
            var set = Read_NeedsLock().With(wishes);
            if (!_isGiven)
                Replace(set.ToJson());
            _set = set;
        }
    }

    private DesiredSet Read_NeedsLock()
    {
        if (_set is not null)
            return _set;
        if (!File.Exists(_path))
            return _set = DesiredSet.Empty;
        try
        {
            var set = DesiredSet.Read(File.ReadAllBytes(_path));
            return set is { Format: DesiredSet.CurrentFormat }
                ? _set = set
                : throw new ModulePackageException($"{_path} is of a newer version. Start that one, or remove the file.");
        }
        catch (JsonException error)
        {
            throw new ModulePackageException($"{_path} is damaged: {error.Message} Remove it to load what is shipped.");
        }
    }

    private void Replace(byte[] content)
    {
        Directory.CreateDirectory(folder);
        var beside = $"{_path}.{Environment.ProcessId}.new";
        try
        {
            using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, _path, overwrite: true);
            DurableFolder.Flush(folder);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }
}
