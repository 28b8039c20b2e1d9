// Which packages a starting process loads: those that an operator last wished, unless the application itself has come with
// another package since.
//
//   the application ships | wished for                       | loaded
//   ----------------------+----------------------------------+-------------------
//   a package             | nothing                          | what is shipped
//   another than before   | anything                         | what is shipped
//   the same as before    | a package                        | what was wished
//   the same as before    | that there be none               | nothing
//   nothing               | a package                        | what was wished
//   nothing               | that there be none               | nothing

namespace Midstream.Core.Modules;

/// <summary>What was last wished for a module.</summary>
/// <param name="Package">The id of the package; null when there is to be none.</param>
/// <param name="Previous">The package that a rollback would load; null when there is none.</param>
/// <param name="Shipped">The package that the application came with at that time; null when it came with none.</param>
/// <param name="Canary">What serves beside the package; null when nothing does.</param>
public sealed record DesiredModule(
    string? Package, string? Previous = null, string? Shipped = null, DesiredCanary? Canary = null);

/// <summary>What was last wished to serve beside a package.</summary>
/// <param name="Package">The id of the canary's package.</param>
/// <param name="Rule">Which requests go to it.</param>
public sealed record DesiredCanary(string Package, CanaryRule Rule);

/// <summary>Decides what a starting process loads.</summary>
public static class DesiredModules
{
    /// <summary>Chooses the package of each module.</summary>
    /// <param name="desired">The wishes, by module.</param>
    /// <param name="shipped">The ids of the packages the application comes with, by module.</param>
    /// <returns>The ids of the packages to load, by module.</returns>
    public static IReadOnlyDictionary<string, string> Choose(
        IReadOnlyDictionary<string, DesiredModule> desired, IReadOnlyDictionary<string, string> shipped)
    {
        ArgumentNullException.ThrowIfNull(desired);
        ArgumentNullException.ThrowIfNull(shipped);
        return desired.Keys.Union(shipped.Keys)
            .Select(name => (Name: name, Package: Choose(desired.GetValueOrDefault(name), shipped.GetValueOrDefault(name))))
            .Where(chosen => chosen.Package is not null).ToDictionary(chosen => chosen.Name, chosen => chosen.Package!);
    }

    /// <summary>Chooses the canary of a module: what was wished, unless another package serves than the one it was a canary
    /// of.</summary>
    /// <param name="desired">The wish; null for none.</param>
    /// <param name="serving">The id of the package that serves; null when none does.</param>
    public static DesiredCanary? ChooseCanary(DesiredModule? desired, string? serving) =>
        desired is { Package: { } package, Canary: { } canary } && package == serving ? canary : null;

    private static string? Choose(DesiredModule? desired, string? shipped) =>
        desired is null || (shipped is not null && desired.Shipped != shipped) ? shipped : desired.Package;
}
