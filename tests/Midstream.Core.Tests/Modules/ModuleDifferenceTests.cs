// Walks every row of the table of what has to change, and what the rows have to do with one another.

using Midstream.Core.Modules;

namespace Midstream.Core.Tests.Modules;

public class ModuleDifferenceTests
{
    private static readonly CanaryRule s_rule = new() { Percent = 5 };
    private static readonly CanaryRule s_otherRule = new() { Percent = 25 };

    // wished (- for none, * for no wish), its canary; there, its canary; what changes.
    [Theory]
    [InlineData("a", null, "a", null, "nothing")]
    [InlineData("a", null, "b", null, "Packages: /store/a")]
    [InlineData("a", null, null, null, "Packages: /store/a")]
    [InlineData("a", null, "b", "a", "Promoted: m")]
    [InlineData("a", null, "b", "c", "Packages: /store/a")]
    [InlineData("-", null, "a", null, "Removed: m")]
    [InlineData("-", null, "a", "c", "Removed: m")]
    [InlineData("-", null, null, null, "nothing")]
    [InlineData("*", null, "a", null, "Removed: m")]
    [InlineData("a", "c", "a", null, "Canaries: /store/c")]
    [InlineData("a", "c", "a", "d", "Canaries: /store/c")]
    [InlineData("a", "c", "a", "c", "nothing")]
    [InlineData("a", "c'", "a", "c", "Rules: m")]
    [InlineData("a", null, "a", "c", "Aborted: m")]
    [InlineData("a", "c", "b", null, "Packages: /store/a; Canaries: /store/c")]
    [InlineData("gone", null, "a", null, "Missing: gone")]
    [InlineData("a", "gone", "a", null, "Missing: gone")]
    public void Between_EveryRow_IsAsTheTableSays(
        string wished, string? wishedCanary, string? there, string? canary, string expected)
    {
        var modules = new Dictionary<string, DesiredModule>();
        if (wished != "*")
            modules["m"] = new DesiredModule(wished == "-" ? null : wished, Canary: CanaryOf(wishedCanary));

        var difference = ModuleDifference.Between(
            DesiredSet.Empty with { Modules = modules }, [Module("m", there, canary)], FolderOf);

        Assert.Equal(expected, Describe(difference));
        Assert.Equal(expected == "nothing", difference.IsNothing);
    }

    [Fact]
    public void Between_OfAModuleThatTheApplicationShips_TakesItFromThereOnlyWhenItIsNotStored()
    {
        var shipped = Module("m", package: null) with { Shipped = "gone", ShippedFolder = "/app/modules/m" };
        var stored = Module("n", package: null) with { Shipped = "a", ShippedFolder = "/app/modules/n" };

        var difference = ModuleDifference.Between(DesiredSet.Empty, [shipped, stored], FolderOf);

        Assert.Equal("Packages: /app/modules/m, /store/a", Describe(difference));
    }

    [Fact]
    public void Between_OfSeveral_GoesByTheirNamesAndHasEachOnce()
    {
        var wishes = new Dictionary<string, DesiredModule> { ["z"] = new("a"), ["y"] = new("b"), ["x"] = new("c") };

        var difference = ModuleDifference.Between(
            DesiredSet.Empty with { Modules = wishes }, [Module("y", "b"), Module("w", "d")], FolderOf);

        Assert.Equal("Packages: /store/c, /store/a; Removed: w", Describe(difference));
    }

    private static string? FolderOf(string package) => package == "gone" ? null : $"/store/{package}";

    private static DesiredCanary? CanaryOf(string? wished) => wished is null ? null
        : new DesiredCanary(wished.TrimEnd('\''), wished.EndsWith('\'') ? s_otherRule : s_rule);

    private static ModuleSummary Module(string name, string? package, string? canary = null) => new(
        name, package is null ? "" : "1", package, $"/{name}", package is null ? null : 1, [], Shipped: null,
        ShippedFolder: null, [], canary is null ? null : new ModuleCanarySummary(2, "2", canary, s_rule));

    private static string Describe(ModuleDifference difference)
    {
        (string Name, IEnumerable<string> Items)[] parts =
        [
            ("Packages", difference.Packages), ("Promoted", difference.Promoted), ("Removed", difference.Removed),
            ("Canaries", difference.Canaries.Select(canary => canary.Folder)), ("Rules", difference.Rules.Keys),
            ("Aborted", difference.Aborted), ("Missing", difference.Missing),
        ];
        var said = parts.Where(part => part.Items.Any()).Select(part => $"{part.Name}: {string.Join(", ", part.Items)}").ToList();
        return said.Count == 0 ? "nothing" : string.Join("; ", said);
    }
}
