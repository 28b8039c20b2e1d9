using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Midstream.Modules.Fit;

/// <summary>What an assembly defines, read without loading it.</summary>
internal sealed class AssemblyMetadata : IDisposable
{
    private readonly PEReader _image;
    private readonly Lazy<Dictionary<string, TypeDefinitionHandle>> _types;
    private readonly Lazy<Dictionary<string, string>> _forwarded;

    public AssemblyMetadata(Stream image)
    {
        _image = new PEReader(image);
        Reader = _image.GetMetadataReader();
        _types = new(() => Reader.TypeDefinitions.DistinctBy(handle => SignatureText.NameOf(Reader, handle))
            .ToDictionary(handle => SignatureText.NameOf(Reader, handle)));
        _forwarded = new(ReadForwarders);
    }

    public MetadataReader Reader { get; }

    public Version Version => Reader.GetAssemblyDefinition().Version;

    public TypeDefinition? Find(string type) =>
        _types.Value.TryGetValue(type, out var handle) ? Reader.GetTypeDefinition(handle) : null;

    /// <summary>Finds the assembly that a type has moved to; null when it has not moved.</summary>
    public string? ForwardedTo(string type) => _forwarded.Value.GetValueOrDefault(type);

    /// <summary>Lists the signatures of the methods and fields of a name.</summary>
    public IEnumerable<string> Signatures(TypeDefinition type, string member) =>
        type.GetMethods().Select(Reader.GetMethodDefinition).Where(method => Reader.StringComparer.Equals(method.Name, member))
            .Select(method => SignatureText.Of(method.DecodeSignature(SignatureText.Instance, null)))
            .Concat(type.GetFields().Select(Reader.GetFieldDefinition)
                .Where(field => Reader.StringComparer.Equals(field.Name, member))
                .Select(field => field.DecodeSignature(SignatureText.Instance, null)));

    public void Dispose() => _image.Dispose();

    private Dictionary<string, string> ReadForwarders()
    {
        var forwarded = new Dictionary<string, string>();
        foreach (var type in Reader.ExportedTypes.Select(Reader.GetExportedType).Where(type => type.IsForwarder))
        {
            if (type.Implementation.Kind != HandleKind.AssemblyReference)
                continue;
            var target = Reader.GetAssemblyReference((AssemblyReferenceHandle)type.Implementation);
            forwarded[$"{Reader.GetString(type.Namespace)}.{Reader.GetString(type.Name)}"] = Reader.GetString(target.Name);
        }

        return forwarded;
    }
}
