using System.Reflection.Metadata;
using Midstream.Modules.Packages;

namespace Midstream.Modules.Fit;

/// <summary>The assemblies that a package would run with: the host's shared ones, and its own. Finds a type wherever it has
/// moved to.</summary>
internal sealed class AssemblySet(PackageFiles files, SharedAssemblies shared) : IDisposable
{
    private const int ForwardsMax = 8;

    private readonly Dictionary<string, AssemblyMetadata?> _read = [];

    /// <summary>Finds an assembly; null when it is neither shared nor in the package.</summary>
    public AssemblyMetadata? Find(string assembly)
    {
        if (_read.TryGetValue(assembly, out var known))
            return known;
        return _read[assembly] = shared.PathOf(assembly) is { } path
            ? new AssemblyMetadata(File.OpenRead(path))
            : files.Find(assembly) is { } bytes ? new AssemblyMetadata(new MemoryStream(bytes)) : null;
    }

    /// <summary>Finds a type and the assembly that defines it.</summary>
    public (AssemblyMetadata Assembly, TypeDefinition Type)? FindType(string assembly, string type)
    {
        for (var forward = 0; forward < ForwardsMax && Find(assembly) is { } metadata; forward++)
        {
            if (metadata.Find(type) is { } definition)
                return (metadata, definition);
            // A nested type has moved with its outermost one.
            if (metadata.ForwardedTo(type.Split('+')[0]) is not { } next)
                return null;
            assembly = next;
        }

        return null;
    }

    /// <summary>Finds the type that another one derives from, where it has a name.</summary>
    public (AssemblyMetadata Assembly, TypeDefinition Type)? BaseOf(AssemblyMetadata assembly, TypeDefinition type)
    {
        var handle = type.BaseType;
        if (handle.Kind == HandleKind.TypeSpecification)
            return null;
        return handle.IsNil ? null : Resolve(assembly, handle);
    }

    /// <summary>Finds what a handle in an assembly names.</summary>
    public (AssemblyMetadata Assembly, TypeDefinition Type)? Resolve(AssemblyMetadata assembly, EntityHandle handle) =>
        handle.Kind switch
        {
            HandleKind.TypeDefinition => (assembly, assembly.Reader.GetTypeDefinition((TypeDefinitionHandle)handle)),
            HandleKind.TypeReference => AssemblyOf(assembly.Reader, (TypeReferenceHandle)handle) is { } owner
                ? FindType(owner, SignatureText.NameOf(assembly.Reader, (TypeReferenceHandle)handle))
                : null,
            _ => null,
        };

    /// <summary>Finds the name of the assembly that a reference points into; null for the assembly itself.</summary>
    public static string? AssemblyOf(MetadataReader reader, TypeReferenceHandle handle)
    {
        var scope = reader.GetTypeReference(handle).ResolutionScope;
        return scope.Kind switch
        {
            HandleKind.TypeReference => AssemblyOf(reader, (TypeReferenceHandle)scope),
            HandleKind.AssemblyReference => reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)scope).Name),
            _ => null,
        };
    }

    public void Dispose()
    {
        foreach (var assembly in _read.Values)
            assembly?.Dispose();
    }
}
