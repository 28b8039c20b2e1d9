using System.Reflection;

namespace Midstream.Modules.Packages;

/// <summary>The assemblies of which host and modules have one copy: the frameworks, the contract, and what the host names.
/// Immutable.</summary>
internal sealed class SharedAssemblies
{
    private readonly Dictionary<string, string> _frameworks;
    private readonly Dictionary<string, Assembly> _contracts;

    public SharedAssemblies(IEnumerable<Assembly> named)
    {
        _contracts = named.Append(typeof(IModule).Assembly).DistinctBy(NameOf).ToDictionary(NameOf);
        _frameworks = FrameworkPaths().DistinctBy(path => Path.GetFileNameWithoutExtension(path))
            .ToDictionary(path => Path.GetFileNameWithoutExtension(path)!);
    }

    public IEnumerable<string> Contracts => _contracts.Keys;

    /// <summary>Tells whether a package must not carry a copy.</summary>
    public bool IsContract(string name) => _contracts.ContainsKey(name);

    public bool IsShared(string name) => _contracts.ContainsKey(name) || _frameworks.ContainsKey(name);

    /// <summary>Finds the file of the host's copy; null when it is not shared.</summary>
    public string? PathOf(string name) =>
        _contracts.TryGetValue(name, out var contract) ? contract.Location : _frameworks.GetValueOrDefault(name);

    private static string NameOf(Assembly assembly) => assembly.GetName().Name!;

    // What the runtime may load by name, less the application's own: only the frameworks' folders count.
    private static IEnumerable<string> FrameworkPaths()
    {
        var folders = new[] { typeof(object).Assembly, typeof(Microsoft.AspNetCore.Http.HttpContext).Assembly }
            .Select(assembly => Path.GetDirectoryName(assembly.Location)).ToHashSet();
        var trusted = AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "";
        return trusted.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(path => folders.Contains(Path.GetDirectoryName(path)));
    }
}
