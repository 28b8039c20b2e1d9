using System.Reflection;
using System.Runtime.Loader;
using Midstream.Modules.Packages;

namespace Midstream.Modules.Loading;

/// <summary>Where one generation's assemblies live. What the host shares comes from the host, what the package carries from
/// the package, and nothing else is found: a library of the host's own is not a module's.</summary>
internal sealed class ModuleLoadContext(string name, PackageFiles files, SharedAssemblies shared, bool isPinned)
    : AssemblyLoadContext(name, isCollectible: !isPinned)
{
    private readonly HashSet<string> _inPackage = new(files.Assemblies, StringComparer.OrdinalIgnoreCase);

    /// <summary>Loads an assembly of the package by its simple name.</summary>
    /// <exception cref="FileNotFoundException">The package has none of that name.</exception>
    public Assembly LoadOwn(string assembly)
    {
        if (files.Find(assembly) is not { } bytes)
            throw new FileNotFoundException($"The package has no assembly {assembly}.");
        // A file in the store never changes, and only a file's code that was compiled ahead is used. A collectible context
        // ignores that code in any case, and bytes in memory cannot be truncated under it.
        return IsCollectible ? LoadFromStream(new MemoryStream(bytes)) : LoadFromAssemblyPath(files.PathOf(assembly));
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        ArgumentNullException.ThrowIfNull(assemblyName);
        var wanted = assemblyName.Name!;
        if (shared.IsShared(wanted))
            return null;
        if (_inPackage.Contains(wanted))
            return LoadOwn(wanted);
        // Null would ask the host's own context. A missing satellite is nothing to complain of.
        return wanted.EndsWith(".resources", StringComparison.Ordinal) ? null : throw new FileNotFoundException(
            $"The module {Name} asks for {wanted}, which is neither in its package nor shared by the host.", wanted);
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        files.FindNative(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
}
