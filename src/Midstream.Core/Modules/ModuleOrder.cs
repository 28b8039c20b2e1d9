// The order in which modules that need one another are started.

namespace Midstream.Core.Modules;

/// <summary>Holds an order of modules, or why there is none.</summary>
/// <param name="Names">The names, each after those it needs; empty with a refusal.</param>
/// <param name="Refusal">Why there is no order; null when there is.</param>
public sealed record ModuleOrder(IReadOnlyList<string> Names, string? Refusal)
{
    /// <summary>Finds the order.</summary>
    /// <param name="modules">The modules. What one needs and is not among them is not looked at.</param>
    public static ModuleOrder Sort(IReadOnlyList<ModuleManifest> modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        if (modules.GroupBy(module => module.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            return new ModuleOrder([], $"The module {twice.Key} is given twice.");
        var left = modules.OrderBy(module => module.Name, StringComparer.Ordinal).ToList();
        var names = new List<string>();
        while (left.Count > 0)
        {
            var ready = left.FirstOrDefault(module => !module.Needs.Any(need => left.Exists(other => other.Name == need)));
            if (ready is null)
                return new ModuleOrder(
                    [], $"These modules need one another in a circle: {string.Join(", ", left.Select(module => module.Name))}.");
            names.Add(ready.Name);
            left.Remove(ready);
        }

        return new ModuleOrder(names, null);
    }
}
