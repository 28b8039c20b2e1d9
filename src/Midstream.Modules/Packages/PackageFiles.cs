using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;

namespace Midstream.Modules.Packages;

/// <summary>The code of one package: managed assemblies as bytes, read once, so that what was checked is what is loaded and no
/// file is needed any more; native libraries by their paths in the store, which never change.</summary>
internal sealed class PackageFiles
{
    // The most particular place first.
    private static readonly string[] s_platforms = [RuntimeInformation.RuntimeIdentifier, "linux", "unix"];

    private readonly Dictionary<string, byte[]> _assemblies = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _paths = new(StringComparer.OrdinalIgnoreCase);
    private readonly string _folder;

    private PackageFiles(string folder) => _folder = folder;

    /// <summary>Gets the names of the managed assemblies.</summary>
    public IReadOnlyCollection<string> Assemblies => _assemblies.Keys;

    /// <summary>Gets the files that end in .dll and are no assemblies that can be read, and are not native code either.</summary>
    public IReadOnlyList<string> Damaged { get; private set; } = [];

    /// <summary>Reads a package's code.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static PackageFiles Read(string folder)
    {
        var files = new PackageFiles(folder);
        var damaged = new List<string>();
        foreach (var path in ManagedCandidates(folder))
        {
            var bytes = File.ReadAllBytes(path);
            if (!files.TryAdd(path, bytes))
                damaged.Add(Path.GetRelativePath(folder, path));
        }

        files.Damaged = damaged;
        return files;
    }

    public byte[]? Find(string assembly) => _assemblies.GetValueOrDefault(assembly);

    public string PathOf(string assembly) => _paths[assembly];

    /// <summary>Finds a native library by the name that code calls it by; null when the package has none.</summary>
    public string? FindNative(string name)
    {
        string[] spellings = name.Contains(".so", StringComparison.Ordinal) ? [name] : [$"lib{name}.so", $"{name}.so", name];
        return s_platforms.Select(platform => Path.Combine(_folder, "runtimes", platform, "native")).Append(_folder)
            .SelectMany(place => spellings.Select(spelling => Path.Combine(place, Path.GetFileName(spelling))))
            .FirstOrDefault(File.Exists);
    }

    // What is for this platform comes before what is for all.
    private static IEnumerable<string> ManagedCandidates(string folder) =>
        s_platforms.Select(platform => Path.Combine(folder, "runtimes", platform, "lib")).Where(Directory.Exists)
            .SelectMany(place => Directory.EnumerateFiles(place, "*.dll", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(folder, "*.dll"));

    private bool TryAdd(string path, byte[] bytes)
    {
        try
        {
            using var image = new PEReader(new MemoryStream(bytes));
            if (!image.HasMetadata)
                return true;
            var name = Path.GetFileNameWithoutExtension(path);
            if (_assemblies.TryAdd(name, bytes))
                _paths[name] = path;
            return true;
        }
        catch (Exception error) when (error is BadImageFormatException or InvalidOperationException)
        {
            return false;
        }
    }
}
