// What has to change in a process for it to have the set of modules that is wished.
//
//   wished                        | there                        | change
//   ------------------------------+------------------------------+------------------------------------------
//   a package                     | the same                     | nothing
//   a package                     | another, or none             | it is loaded; together with the others
//   a package                     | another, and it as canary    | the canary takes over
//   none                          | a package                    | it is removed
//   a canary                      | another, or none             | it is loaded beside
//   a canary                      | the same, by another rule    | the rule changes
//   no canary                     | a canary                     | it ends

namespace Midstream.Core.Modules;

/// <summary>A package that is to serve beside what serves.</summary>
/// <param name="Folder">The package's folder.</param>
/// <param name="Rule">Which requests go to it.</param>
public sealed record CanaryPackage(string Folder, CanaryRule Rule);

/// <summary>Holds what has to change.</summary>
public sealed record ModuleDifference
{
    /// <summary>Gets the folders of the packages to load, which move together.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Gets the names of the modules whose canary takes over.</summary>
    public IReadOnlyList<string> Promoted { get; init; } = [];

    /// <summary>Gets the names of the modules that are to be no more.</summary>
    public IReadOnlyList<string> Removed { get; init; } = [];

    /// <summary>Gets the packages to load beside what serves.</summary>
    public IReadOnlyList<CanaryPackage> Canaries { get; init; } = [];

    /// <summary>Gets the new rules of canaries that are there, by module.</summary>
    public IReadOnlyDictionary<string, CanaryRule> Rules { get; init; } = new Dictionary<string, CanaryRule>();

    /// <summary>Gets the names of the modules whose canary ends.</summary>
    public IReadOnlyList<string> Aborted { get; init; } = [];

    /// <summary>Gets the ids of packages that are wished and are nowhere.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Gets whether nothing has to change.</summary>
    public bool IsNothing => Packages.Count + Promoted.Count + Removed.Count + Canaries.Count + Rules.Count + Aborted.Count
        + Missing.Count == 0;

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
            .OrderBy(one => one.Key, StringComparer.Ordinal).ToList();
        var promoted = differing.Where(one => known.GetValueOrDefault(one.Key)?.Canary?.Package == one.Value).ToList();
        var loaded = differing.Except(promoted)
            .Select(one => (Id: one.Value, Folder: Find(one.Value, known.GetValueOrDefault(one.Key), folderOf))).ToList();
        var canaries = chosen
            .Select(one => (
                Name: one.Key, Wished: DesiredModules.ChooseCanary(set.Modules.GetValueOrDefault(one.Key), one.Value)))
            .Where(one => one.Wished is not null).ToDictionary(one => one.Name, one => one.Wished!);
        var beside = canaries.Where(one => known.GetValueOrDefault(one.Key)?.Canary?.Package != one.Value.Package)
            .Select(one => (Id: one.Value.Package, Folder: folderOf(one.Value.Package), one.Value.Rule)).ToList();
        return new ModuleDifference
        {
            Packages = [.. loaded.Select(one => one.Folder).OfType<string>()],
            Promoted = [.. promoted.Select(one => one.Key)],
            Removed = [.. there.Where(module => module.Package is not null && !chosen.ContainsKey(module.Name))
                .Select(module => module.Name)],
            Canaries = [.. beside.Where(one => one.Folder is not null).Select(one => new CanaryPackage(one.Folder!, one.Rule))],
            Rules = canaries.Where(one => known.GetValueOrDefault(one.Key)?.Canary is { } canary
                    && canary.Package == one.Value.Package && !CanaryRule.IsSame(canary.Rule, one.Value.Rule))
                .ToDictionary(one => one.Key, one => one.Value.Rule),
            // One of what is replaced or removed ends with that.
            Aborted = [.. there.Where(module => module.Canary is not null && !canaries.ContainsKey(module.Name)
                && chosen.GetValueOrDefault(module.Name) == module.Package).Select(module => module.Name)],
            Missing = [.. loaded.Where(one => one.Folder is null).Select(one => one.Id),
                .. beside.Where(one => one.Folder is null).Select(one => one.Id)],
        };
    }

    private static string? Find(string id, ModuleSummary? module, Func<string, string?> folderOf) =>
        folderOf(id) ?? (module?.Shipped == id ? module.ShippedFolder : null);
}
