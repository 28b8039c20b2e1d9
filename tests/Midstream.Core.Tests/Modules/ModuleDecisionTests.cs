// What a package says of itself, the order of modules, and the passage of state.

using System.Text;
using Midstream.Core.Modules;

namespace Midstream.Core.Tests.Modules;

public class ModuleDecisionTests
{
    private const string Whole = """
        {
          "format": 1, "name": "pricing", "version": "1.2.0+b4", "assembly": "Shop.Pricing.dll", "type": "Shop.Pricing.Module",
          "path": "/shop/pricing", "hosts": ["shop.example"], "mode": "pinned", "needs": ["stock"]
        }
        """;

    [Fact]
    public void Read_OfAWholeManifest_GivesEachMember()
    {
        var manifest = Read(Whole).Manifest!;

        Assert.Equal(("pricing", "1.2.0+b4", "Shop.Pricing.dll"), (manifest.Name, manifest.Version, manifest.Assembly));
        Assert.Equal(("Shop.Pricing.Module", "/shop/pricing", true), (manifest.Type, manifest.Path, manifest.IsPinned));
        Assert.Equal(["shop.example"], manifest.Hosts);
        Assert.Equal(["stock"], manifest.Needs);
    }

    [Fact]
    public void Read_OfTheLeast_TakesTheDefaults()
    {
        var manifest = Read("""{ "format": 1, "name": "a", "version": "1", "assembly": "A.dll" }""").Manifest!;

        Assert.Equal(("/a", false), (manifest.Path, manifest.IsPinned));
        Assert.Null(manifest.Type);
    }

    [Theory]
    [InlineData("\"pricing\"", "\"1pricing\"", "name:")]
    [InlineData("\"name\"", "\"nam\"", "nam: is not known; name is.")]
    [InlineData("\"1.2.0+b4\"", "\"1 2\"", "version:")]
    [InlineData("\"Shop.Pricing.dll\"", "\"../Shop.dll\"", "assembly:")]
    [InlineData("\"/shop/pricing\"", "\"/shop/\"", "path:")]
    [InlineData("\"pinned\"", "\"fixed\"", "mode:")]
    [InlineData("[\"stock\"]", "[\"pricing\"]", "needs:")]
    [InlineData("[\"stock\"]", "\"stock\"", "needs:")]
    [InlineData("\"format\": 1", "\"format\": 2", "format: 2 is not known")]
    [InlineData("{", "", "It is no JSON")]
    public void Read_OfOneMistake_NamesIt(string right, string wrong, string expected)
    {
        var result = Read(Whole.Replace(right, wrong, StringComparison.Ordinal));

        Assert.Null(result.Manifest);
        Assert.Contains(result.Errors, error => error.StartsWith(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Read_OfSeveralMistakes_NamesThemAll() =>
        Assert.Equal(
            ["format: write 1.", "name: is missing.", "version: is missing.", "assembly: is missing."], Read("{}").Errors);

    [Fact]
    public void Sort_OfModulesThatNeedOneAnother_PutsEachAfterWhatItNeeds() =>
        Assert.Equal(
            ["c", "b", "a"], ModuleOrder.Sort([Module("a", "b", "c"), Module("b", "c"), Module("c", "elsewhere")]).Names);

    [Fact]
    public void Sort_OfACircle_IsRefusedWithTheNames() => Assert.Contains(
        "a, b", ModuleOrder.Sort([Module("a", "b"), Module("b", "a"), Module("c")]).Refusal, StringComparison.Ordinal);

    [Fact]
    public void Make_OfCommonVersions_TakesTheHighest() => Assert.Equal(
        [new StatePassage("carts", 2)],
        StatePlan.Make([Offer("carts", writes: [1, 2, 3])], [Offer("carts", reads: [1, 2])]).Passages);

    [Fact]
    public void Make_WithoutACommonVersion_IsRefusedWithBothSides()
    {
        var refusal = StatePlan.Make([Offer("carts", writes: [1])], [Offer("carts", reads: [2, 3])]).Refusal;

        Assert.Contains("version 1", refusal, StringComparison.Ordinal);
        Assert.Contains("reads 2, 3", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Make_OfStatesOnOneSideOnly_PassesNone()
    {
        var plan = StatePlan.Make([Offer("old")], [Offer("new")]);

        Assert.Empty(plan.Passages);
        Assert.Null(plan.Refusal);
    }

    [Fact]
    public void Make_OfTwoStatesOfOneName_IsRefused() =>
        Assert.Contains("\"same\"", StatePlan.Make([], [Offer("same"), Offer("same")]).Refusal, StringComparison.Ordinal);

    private static ManifestResult Read(string json) => ModuleManifestReader.Read(Encoding.UTF8.GetBytes(json));

    private static ModuleManifest Module(string name, params string[] needs) =>
        new() { Name = name, Version = "1", Assembly = "A.dll", Path = $"/{name}", Needs = needs };

    private static StateOffer Offer(string name, int[]? reads = null, int[]? writes = null) =>
        new(name, reads ?? [1], writes ?? [1]);
}
