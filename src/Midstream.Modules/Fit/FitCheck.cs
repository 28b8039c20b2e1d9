using System.Reflection;
using System.Reflection.Metadata;
using Midstream.Core.Modules;
using Midstream.Modules.Packages;

namespace Midstream.Modules.Fit;

/// <summary>
/// Compares what a package's code refers to with what it would find in this host, without loading any of it: what would be a
/// MissingMethodException in the middle of a request is a line of a report instead.
/// </summary>
/// <remarks>Members reached through a generic instantiation's base types are not followed: they count as there.</remarks>
internal sealed class FitCheck
{
    private const string ModuleInterface = "Midstream.IModule";

    private readonly ModulePackage _package;
    private readonly PackageFiles _files;
    private readonly SharedAssemblies _shared;
    private readonly AssemblySet _set;
    private readonly List<FitProblem> _problems = [];
    private readonly HashSet<string> _missingTypes = [];

    private FitCheck(ModulePackage package, PackageFiles files, SharedAssemblies shared, AssemblySet set)
    {
        _package = package;
        _files = files;
        _shared = shared;
        _set = set;
    }

    /// <summary>Checks a package.</summary>
    /// <exception cref="ModulePackageException">It does not fit; with every reason.</exception>
    public static void Verify(ModulePackage package, PackageFiles files, SharedAssemblies shared)
    {
        using var set = new AssemblySet(files, shared);
        var problems = new FitCheck(package, files, shared, set).Run();
        if (problems.Count > 0)
            throw new ModulePackageException($"{package.Name} {package.Manifest.Version}", problems);
    }

    private List<FitProblem> Run()
    {
        foreach (var damaged in _files.Damaged)
            Add(FitProblemKind.Damaged, damaged, "it is no assembly that can be read. Was it copied whole?");
        foreach (var copy in _files.Assemblies.Where(_shared.IsContract))
            Add(
                FitProblemKind.SecondCopy, copy,
                $"the package carries {_files.PathOf(copy)}, and the host has {_shared.PathOf(copy)}. With two copies no type " +
                "of one is a type of the other: reference it with Private=\"false\" ExcludeAssets=\"runtime\".");
        foreach (var assembly in _files.Assemblies.Where(assembly => !_shared.IsShared(assembly)).Order(StringComparer.Ordinal))
            Check(assembly);
        if (_problems.Count == 0)
            CheckModule();
        return _problems;
    }

    private void Check(string name)
    {
        var assembly = _set.Find(name)!;
        var missing = assembly.Reader.AssemblyReferences.Select(assembly.Reader.GetAssemblyReference)
            .Where(reference => !IsThere(assembly.Reader, reference, name))
            .Select(reference => assembly.Reader.GetString(reference.Name)).ToHashSet();
        foreach (var handle in assembly.Reader.TypeReferences)
            CheckType(assembly, handle, name, missing);
        foreach (var handle in assembly.Reader.MemberReferences)
            CheckMember(assembly, assembly.Reader.GetMemberReference(handle), name);
    }

    private bool IsThere(MetadataReader reader, AssemblyReference reference, string from)
    {
        var wanted = reader.GetString(reference.Name);
        if (_set.Find(wanted) is not { } found)
        {
            Add(FitProblemKind.MissingAssembly, $"{wanted} {reference.Version}",
                $"{from} needs it, and it is neither in the package nor shared by the host. Publish it with the module, or add " +
                $"it to {nameof(ModulesOptions)}.{nameof(ModulesOptions.Shared)}.");
            return false;
        }

        if (found.Version < reference.Version && _shared.IsShared(wanted))
            Add(FitProblemKind.OlderAssembly, $"{wanted} {reference.Version}",
                $"{from} was built against it, and this host has {found.Version}. Update the host, or build for it.");
        return true;
    }

    private void CheckType(AssemblyMetadata assembly, TypeReferenceHandle handle, string from, HashSet<string> missingAssemblies)
    {
        if (AssemblySet.AssemblyOf(assembly.Reader, handle) is not { } owner || missingAssemblies.Contains(owner))
            return;
        var type = SignatureText.NameOf(assembly.Reader, handle);
        if (_set.FindType(owner, type) is null && _missingTypes.Add(type))
            Add(
                FitProblemKind.MissingType, type,
                $"{from} uses it, and {owner} {_set.Find(owner)?.Version} has no such type here.");
    }

    private void CheckMember(AssemblyMetadata assembly, MemberReference member, string from)
    {
        if (OwnerOf(assembly, member.Parent) is not { } owner)
            return;
        var name = assembly.Reader.GetString(member.Name);
        var wanted = member.GetKind() == MemberReferenceKind.Method
            ? SignatureText.Of(member.DecodeMethodSignature(SignatureText.Instance, null))
            : member.DecodeFieldSignature(SignatureText.Instance, null);
        var type = SignatureText.NameOf(owner.Assembly.Reader, owner.Type);
        var there = SignaturesOf(owner, name, out var isWholeKnown).ToHashSet();
        if (there.Contains(wanted) || !isWholeKnown)
            return;
        var subject = $"{type}.{name}: {wanted}";
        if (there.Count == 0)
            Add(FitProblemKind.MissingMember, subject, $"{from} uses it, and it is not there.");
        else
            Add(FitProblemKind.ChangedMember, subject, $"{from} uses it, and it is {string.Join(" or ", there)} here.");
    }

    // A member may be inherited; of a base type that is a generic instantiation the signatures would have to be substituted.
    private HashSet<string> SignaturesOf(
        (AssemblyMetadata Assembly, TypeDefinition Type) owner, string name, out bool isWholeKnown)
    {
        var signatures = new HashSet<string>();
        isWholeKnown = true;
        (AssemblyMetadata Assembly, TypeDefinition Type)? at = owner;
        while (at is { } type)
        {
            signatures.UnionWith(type.Assembly.Signatures(type.Type, name));
            isWholeKnown &= type.Type.BaseType.Kind != HandleKind.TypeSpecification;
            at = _set.BaseOf(type.Assembly, type.Type);
        }

        return signatures;
    }

    private (AssemblyMetadata Assembly, TypeDefinition Type)? OwnerOf(AssemblyMetadata assembly, EntityHandle parent)
    {
        if (parent.Kind == HandleKind.TypeReference)
            return _set.Resolve(assembly, parent);
        if (parent.Kind != HandleKind.TypeSpecification)
            return null;
        // Of a generic instantiation the definition is looked at: its signatures speak of parameters too.
        var blob = assembly.Reader.GetBlobReader(assembly.Reader.GetTypeSpecification((TypeSpecificationHandle)parent).Signature);
        if (blob.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
            return null;
        blob.ReadCompressedInteger();
        return _set.Resolve(assembly, blob.ReadTypeHandle());
    }

    private void CheckModule()
    {
        var (assembly, wanted) = (_package.Manifest.Assembly, _package.Manifest.Type);
        var name = Path.GetFileNameWithoutExtension(assembly);
        if (_files.Find(name) is null)
        {
            Add(FitProblemKind.NoModule, assembly, $"{ModuleManifest.FileName} names it, and the package has no such file.");
            return;
        }

        var modules = ModulesIn(_set.Find(name)!).ToList();
        if (wanted is not null && !modules.Contains(wanted))
            Add(FitProblemKind.NoModule, wanted, $"{name} has no public class of that name that implements {ModuleInterface}.");
        else if (wanted is null && modules.Count == 0)
            Add(FitProblemKind.NoModule, name, $"it has no public class that implements {ModuleInterface}.");
        else if (wanted is null && modules.Count > 1)
            Add(
                FitProblemKind.NoModule, name,
                $"several classes implement {ModuleInterface}: {string.Join(", ", modules)}. Name one as \"type\" in " +
                $"{ModuleManifest.FileName}.");
    }

    private IEnumerable<string> ModulesIn(AssemblyMetadata assembly) =>
        from handle in assembly.Reader.TypeDefinitions
        let type = assembly.Reader.GetTypeDefinition(handle)
        where (type.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public
            && !type.Attributes.HasFlag(TypeAttributes.Abstract) && IsModule((assembly, type))
        select SignatureText.NameOf(assembly.Reader, handle);

    private bool IsModule((AssemblyMetadata Assembly, TypeDefinition Type) type) =>
        type.Type.GetInterfaceImplementations().Select(type.Assembly.Reader.GetInterfaceImplementation)
            .Any(implemented => implemented.Interface.Kind == HandleKind.TypeReference
                && SignatureText.NameOf(type.Assembly.Reader, (TypeReferenceHandle)implemented.Interface) == ModuleInterface)
        || (_set.BaseOf(type.Assembly, type.Type) is { } inherited && IsModule(inherited));

    private void Add(FitProblemKind kind, string subject, string explanation) =>
        _problems.Add(new FitProblem(kind, subject, explanation));
}
