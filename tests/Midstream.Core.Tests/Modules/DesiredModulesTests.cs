// Walks every row of the table of what a starting process loads.

using Midstream.Core.Modules;

namespace Midstream.Core.Tests.Modules;

public class DesiredModulesTests
{
    // shipped, wished (* for no wish, - for none), shipped when that was wished, loaded.
    [Theory]
    [InlineData("s1", "*", null, "s1")]
    [InlineData("s2", "d", "s1", "s2")]
    [InlineData("s2", "-", "s1", "s2")]
    [InlineData("s1", "d", "s1", "d")]
    [InlineData("s1", "-", "s1", null)]
    [InlineData(null, "d", null, "d")]
    [InlineData(null, "d", "s1", "d")]
    [InlineData(null, "-", "s1", null)]
    [InlineData("s1", "d", null, "s1")]
    public void Choose_EveryRow_IsAsTheTableSays(string? shipped, string wished, string? shippedThen, string? expected)
    {
        var desired = new Dictionary<string, DesiredModule>();
        if (wished != "*")
            desired["m"] = new DesiredModule(wished == "-" ? null : wished, null, shippedThen);
        var ships = new Dictionary<string, string>();
        if (shipped is not null)
            ships["m"] = shipped;

        Assert.Equal(expected, DesiredModules.Choose(desired, ships).GetValueOrDefault("m"));
    }
}
