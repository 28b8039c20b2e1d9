// What a package says of itself: docs/specs/module-package.md.

namespace Midstream.Core.Modules;

/// <summary>Describes a package. Immutable; made by <see cref="ModuleManifestReader"/>, which checks it.</summary>
public sealed record ModuleManifest
{
    /// <summary>The file's name in a package.</summary>
    public const string FileName = "module.json";

    /// <summary>Gets the module's name, and its slot's.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the package's version.</summary>
    public required string Version { get; init; }

    /// <summary>Gets the file that holds the module's class, in the package's root.</summary>
    public required string Assembly { get; init; }

    /// <summary>Gets the full name of the class; null when it is the assembly's only one.</summary>
    public string? Type { get; init; }

    /// <summary>Gets where the slot is, beginning with a slash; <c>/</c> alone for the whole service.</summary>
    public required string Path { get; init; }

    /// <summary>Gets the host names for which the slot answers; empty for all.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Gets whether it is never unloaded, and so compiled better.</summary>
    public bool IsPinned { get; init; }

    /// <summary>Gets the names of the modules that have to be there.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];
}
