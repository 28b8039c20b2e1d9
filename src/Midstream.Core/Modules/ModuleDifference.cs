// What has to change in a process for it to have the set of modules that is wished.

namespace Midstream.Core.Modules;

/// <summary>Holds what has to change.</summary>
/// <param name="Folders">The folders of the packages to load.</param>
/// <param name="Removed">The names of the modules that are to be no more.</param>
/// <param name="Missing">The ids of the packages that are to be loaded and are nowhere.</param>
public sealed record ModuleDifference(
    IReadOnlyList<string> Folders, IReadOnlyList<string> Removed, IReadOnlyList<string> Missing)
{
    /// <summary>Gets whether nothing has to change.</summary>
    public bool IsNothing => Folders.Count == 0 && Removed.Count == 0 && Missing.Count == 0;

    /// <summary>Compares what is wished with what is there.</summary>
    /// <param name="set">What is wished.</param>
    /// <param name="there">What the process has.</param>
    /// <param name="folderOf">Finds the folder of a stored package; null when it is not stored.</param>
    public static ModuleDifference Between(
        DesiredSet set, IReadOnlyList<ModuleSummary> there, Func<string, string?> folderOf)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(there);
        ArgumentNullException.ThrowIfNull(folderOf);
        var known = there.ToDictionary(module => module.Name);
        var shipped = there.Where(module => module.Shipped is not null)
            .ToDictionary(module => module.Name, module => module.Shipped!);
        var chosen = DesiredModules.Choose(set.Modules, shipped);
        var differing = chosen.Where(one => known.GetValueOrDefault(one.Key)?.Package != one.Value)
            .OrderBy(one => one.Key, StringComparer.Ordinal)
            .Select(one => (Id: one.Value, Folder: folderOf(one.Value) ?? ShippedFolder(known.GetValueOrDefault(one.Key), one.Value)))
            .ToList();
        return new ModuleDifference(
            [.. differing.Select(one => one.Folder).OfType<string>()],
            [.. there.Where(module => module.Package is not null && !chosen.ContainsKey(module.Name)).Select(module => module.Name)],
            [.. differing.Where(one => one.Folder is null).Select(one => one.Id)]);
    }

    private static string? ShippedFolder(ModuleSummary? module, string id) =>
        module?.Shipped == id ? module.ShippedFolder : null;
}
