// What reading a manifest gives.

namespace Midstream.Core.Modules;

/// <summary>Holds a manifest, or all that is wrong with it.</summary>
/// <param name="Manifest">The manifest; null when anything is wrong.</param>
/// <param name="Errors">What is wrong and what to write instead, in the order of the file's members.</param>
public sealed record ManifestResult(ModuleManifest? Manifest, IReadOnlyList<string> Errors);
