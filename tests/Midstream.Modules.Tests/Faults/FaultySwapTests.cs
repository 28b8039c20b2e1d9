// A package that fails in each of its stages: what serves is not touched, and the failed one leaves the memory.

using Midstream.Core.Modules;
using Midstream.Modules.Tests.Scenes;

namespace Midstream.Modules.Tests.Faults;

[Collection(OddTests.Name)]
public sealed class FaultySwapTests
{
    [Theory]
    [InlineData("throw in constructor", SwapPhase.Load)]
    [InlineData("throw in services", SwapPhase.Build)]
    [InlineData("throw in validation", SwapPhase.Build)]
    [InlineData("throw in pipeline", SwapPhase.Build)]
    [InlineData("throw in endpoints", SwapPhase.Build)]
    [InlineData("throw in import", SwapPhase.Migrate)]
    [InlineData("throw in start", SwapPhase.Start)]
    [InlineData("throw in hosted service", SwapPhase.Start)]
    [InlineData("throw in warm-up", SwapPhase.WarmUp)]
    [InlineData("answer 500 in warm-up", SwapPhase.WarmUp)]
    public async Task Deploy_OfAPackageThatThrowsInAStage_LeavesTheOldServingAndTheNewGone(string wish, SwapPhase phase)
    {
        await using var scene = await OddScene.StartAsync();
        await scene.DeployWellAsync();

        var failed = await scene.DeployAsync(wish);

        Assert.Equal((SwapOutcome.Abandoned, phase), (failed.Outcome, failed.Phase));
        Assert.Equal("1", await scene.WhoAsync());
        if (wish.StartsWith("throw", StringComparison.Ordinal) && wish != "throw in validation")
            Assert.Contains($"odd in {wish["throw in ".Length..]}", failed.Reason, StringComparison.Ordinal);
        Assert.Equal(UnloadOutcome.Collected, (await failed.Retirement!).Verdict.Outcome);
        await scene.DeployWellAsync();
        Assert.Equal("3", await scene.WhoAsync());
    }

    [Theory]
    [InlineData("hang in constructor", SwapPhase.Load)]
    [InlineData("hang in endpoints", SwapPhase.Build)]
    [InlineData("hang in import", SwapPhase.Migrate)]
    [InlineData("hang in start", SwapPhase.Start)]
    [InlineData("hang in warm-up", SwapPhase.WarmUp)]
    public async Task Deploy_OfAPackageThatHangsInAStage_IsGivenUpInTimeAndTheOldServes(string wish, SwapPhase phase)
    {
        var time = TimeSpan.FromSeconds(4);
        await using var scene = await OddScene.StartAsync(options =>
            (options.BuildTimeout, options.MigrateTimeout, options.StartTimeout, options.WarmUpTimeout, options.StopTimeout)
            = (time, time, time, time, TimeSpan.FromSeconds(1)));
        await scene.DeployWellAsync();

        var failed = await scene.DeployAsync(wish);

        Assert.Equal((SwapOutcome.Abandoned, phase), (failed.Outcome, failed.Phase));
        Assert.Contains("longer than 4 s", failed.Reason, StringComparison.Ordinal);
        Assert.Equal("1", await scene.WhoAsync());
        scene.EndHanging();
        Assert.Equal(UnloadOutcome.Collected, (await failed.Retirement!).Verdict.Outcome);
    }

    [Theory]
    [InlineData("throw in stop", "stop: InvalidOperationException: odd in stop")]
    [InlineData("throw in disposal", "disposal: InvalidOperationException: odd in disposal")]
    [InlineData(
        "throw in disposal of a service",
        "disposal of services: InvalidOperationException: odd in disposal of a service")]
    public async Task Deploy_OverAGenerationThatEndsBadly_ServesTheNewAndSaysWhatWentWrong(string wish, string fault)
    {
        await using var scene = await OddScene.StartAsync();
        await scene.DeployWellAsync(wish);

        var second = await scene.DeployWellAsync();

        Assert.Equal("2", await scene.WhoAsync());
        var ended = await second.Retirement!;
        Assert.Equal([fault], ended.Faults);
        Assert.Equal(UnloadOutcome.Collected, ended.Verdict.Outcome);
    }

    [Fact]
    public async Task Deploy_OverAGenerationThatDeadlocksInItsStop_ServesTheNewAndLeavesItBehind()
    {
        await using var scene = await OddScene.StartAsync(options => options.StopTimeout = TimeSpan.FromSeconds(1));
        await scene.DeployWellAsync("hang in stop");

        var second = await scene.DeployWellAsync();

        Assert.Equal("2", await scene.WhoAsync());
        await TestKit.Waiting.UntilAsync(
            () => scene.Modules.Host.Status[0].Generations[0].State == ModuleState.Unloading, "the stop to be given up");
        scene.EndHanging();
        var ended = await second.Retirement!;
        Assert.StartsWith("stop: has not ended within 1 s", Assert.Single(ended.Faults), StringComparison.Ordinal);
        Assert.Equal(UnloadOutcome.Collected, ended.Verdict.Outcome);
    }

    [Fact]
    public async Task Deploy_OverARequestThatNeverEnds_AbortsItWhenTheTimeIsOver()
    {
        await using var scene = await OddScene.StartAsync(options => options.DrainTimeout = TimeSpan.FromSeconds(1));
        await scene.DeployWellAsync();
        var never = scene.Modules.GetAsync("/odd/never");
        await TestKit.Waiting.UntilAsync(() => scene.Modules.Host.Status[0].Generations[0].UnderWay == 1, "the request");

        var second = await scene.DeployWellAsync();

        Assert.Equal("2", await scene.WhoAsync());
        var ended = await second.Retirement!;
        Assert.Equal(["GET /odd/never"], ended.Aborted);
        Assert.Equal(UnloadOutcome.Collected, ended.Verdict.Outcome);
        await Assert.ThrowsAnyAsync<Exception>(() => never);
    }

    [Fact]
    public async Task Deploy_WhileAnotherIsUnderWay_EndsThatOneAndTheLatestWins()
    {
        await using var scene = await OddScene.StartAsync();
        await scene.DeployWellAsync();
        var hanging = await scene.DeployHangingAsync();

        var third = scene.DeployAsync("");
        var fourth = scene.DeployAsync("");
        var outcomes = new[] { await hanging, await third, await fourth };
        scene.EndHanging();

        Assert.Equal(SwapOutcome.Superseded, outcomes[0].Outcome);
        Assert.Equal(SwapOutcome.Moved, outcomes[2].Outcome);
        Assert.Equal($"{outcomes[2].Generation}", await scene.WhoAsync());
    }

    [Fact]
    public async Task Rollback_DuringASwap_EndsItAndGoesBack()
    {
        await using var scene = await OddScene.StartAsync();
        var first = await scene.DeployWellAsync();
        await scene.DeployWellAsync();
        var hanging = await scene.DeployHangingAsync();

        var back = await scene.Modules.Host.RollbackAsync("odd");
        scene.EndHanging();

        Assert.Equal(SwapOutcome.Superseded, (await hanging).Outcome);
        Assert.Equal((SwapOutcome.Moved, first.Package), (back.Outcome, back.Package));
        Assert.Equal("4", await scene.WhoAsync());
    }
}
