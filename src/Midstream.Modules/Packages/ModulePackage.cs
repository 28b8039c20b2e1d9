using Midstream.Core.Modules;
using Midstream.Releases;

namespace Midstream.Modules.Packages;

/// <summary>A package in the store, and what it says of itself. Immutable.</summary>
/// <param name="Manifest">What it says.</param>
/// <param name="Stored">Where it is; its id is made from its content.</param>
internal sealed record ModulePackage(ModuleManifest Manifest, StoredRelease Stored)
{
    public string Name => Manifest.Name;

    /// <summary>Reads the manifest of a stored package.</summary>
    /// <exception cref="ModulePackageException">There is none, or it is wrong.</exception>
    public static ModulePackage Of(StoredRelease stored) => new(ReadManifest(stored.Folder), stored);

    /// <summary>Reads the manifest in a folder.</summary>
    /// <exception cref="ModulePackageException">There is none, or it is wrong.</exception>
    public static ModuleManifest ReadManifest(string folder)
    {
        var path = Path.Combine(folder, ModuleManifest.FileName);
        if (!File.Exists(path))
            throw new ModulePackageException($"{folder} is no package: it has no {ModuleManifest.FileName}.");
        var (manifest, errors) = ModuleManifestReader.Read(File.ReadAllBytes(path));
        return manifest ?? throw new ModulePackageException($"{path} is wrong:\n{string.Join('\n', errors)}");
    }
}
