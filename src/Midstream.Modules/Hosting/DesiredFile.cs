using System.Text.Json;
using System.Text.Json.Serialization;
using Midstream.Core.Modules;
using Midstream.Releases;

namespace Midstream.Modules.Hosting;

/// <summary>The set of modules that is to be loaded, on disk: written before it is acted upon, and replaced as a whole, so that
/// after a kill at any moment it is the old set or the new one. Thread-safe.</summary>
internal sealed class DesiredFile(string folder)
{
    private const int Format = 1;

    private readonly Lock _lock = new();
    private readonly string _path = Path.Combine(folder, "modules.json");
    private readonly Dictionary<string, string> _shipped = [];
    private Dictionary<string, DesiredModule>? _modules;

    /// <summary>Gets what was last wished for a module; null for nothing.</summary>
    public DesiredModule? this[string module]
    {
        get
        {
            lock (_lock)
                return Read_NeedsLock().GetValueOrDefault(module);
        }
    }

    /// <summary>Gets the ids of all packages that are wished or that a rollback would load.</summary>
    public IReadOnlyList<string> Packages
    {
        get
        {
            lock (_lock)
            {
                return [.. Read_NeedsLock().Values
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
            return DesiredModules.Choose(Read_NeedsLock(), shipped);
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
            var modules = new Dictionary<string, DesiredModule>(Read_NeedsLock());
            foreach (var (module, wish) in wishes)
            {
                modules.Remove(module);
                if (wish is not null)
                    modules[module] = wish;
            }

            Replace(JsonSerializer.SerializeToUtf8Bytes(new DesiredSet(Format, modules), DesiredJson.Default.DesiredSet));
            _modules = modules;
        }
    }

    private Dictionary<string, DesiredModule> Read_NeedsLock()
    {
        if (_modules is not null)
            return _modules;
        if (!File.Exists(_path))
            return _modules = [];
        try
        {
            var set = JsonSerializer.Deserialize(File.ReadAllBytes(_path), DesiredJson.Default.DesiredSet);
            return set is { Format: Format }
                ? _modules = set.Modules
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

/// <summary>The file's content.</summary>
internal sealed record DesiredSet(int Format, Dictionary<string, DesiredModule> Modules);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(DesiredSet))]
internal sealed partial class DesiredJson : JsonSerializerContext;
