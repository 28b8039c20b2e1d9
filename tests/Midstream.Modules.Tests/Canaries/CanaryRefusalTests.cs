// A canary that cannot share the state of what serves, or fails on its way, is noticed by nobody.

using Midstream.Core.Modules;
using Midstream.Modules.Tests.Scenes;

namespace Midstream.Modules.Tests.Canaries;

[Collection(OddTests.Name)]
public sealed class CanaryRefusalTests
{
    private static readonly CanaryRule s_all = new() { Percent = 100 };

    [Theory]
    [InlineData("", SwapPhase.Migrate, "cannot share")]
    [InlineData("throw in endpoints", SwapPhase.Build, "odd in endpoints")]
    public async Task Canary_ThatCannotServe_IsGivenUpAndTheOldServesAll(string wish, SwapPhase phase, string reason)
    {
        await using var scene = await OddScene.StartAsync();
        await scene.DeployWellAsync();
        AppContext.SetData("odd", wish);

        var result = await scene.Modules.Host.CanaryAsync(OddScene.Package, s_all);
        AppContext.SetData("odd", "");

        Assert.Equal((SwapOutcome.Abandoned, phase), (result.Outcome, result.Phase));
        Assert.Contains(reason, result.Reason, StringComparison.Ordinal);
        Assert.Equal("1", await scene.WhoAsync());
        Assert.Null(scene.Modules.Host.Status[0].Canary);
        Assert.Equal(UnloadOutcome.Collected, (await result.Retirement!).Verdict.Outcome);
    }
}
