// The generation that was replaced, kept for a rollback without a load.

using Midstream.Core.Modules;
using Midstream.Modules.Tests.Scenes;
using Midstream.TestKit;

namespace Midstream.Modules.Tests.Swaps;

public sealed class KeptTests
{
    [Fact]
    public async Task Rollback_ToAGenerationThatWasKept_ServesItAgainWithTheStateOfTheNewOne()
    {
        await using var scene = await StartAsync();
        Assert.Equal("1", await scene.PostAsync("/greeter/count/1"));
        var second = await scene.DeployAsync(TestModule.GreeterV2);
        Assert.Equal((1L, null), (second.Kept!.Value, second.Retirement));
        Assert.Equal("3", await scene.PostAsync("/greeter/count/2"));

        var back = await scene.Host.RollbackAsync("greeter");

        Assert.True(back.Outcome == SwapOutcome.Moved, back.Reason);
        Assert.Equal((1L, 2L), (back.Generation, back.Kept!.Value));
        Assert.Equal("greeter 1.0.0 1 1.0.0", await scene.GetAsync("/greeter/who"));
        Assert.Equal("4", await scene.PostAsync("/greeter/count/1"));
        Assert.Equal([ModuleState.Serving, ModuleState.Paused], StatesOf(scene));
    }

    [Fact]
    public async Task Rollback_ThereAndBackManyTimes_LosesNoWriteAndLoadsNothing()
    {
        await using var scene = await StartAsync();
        await scene.DeployAsync(TestModule.GreeterV2);
        using var clients = new NamedClients(scene.Address);
        clients.Start(8);

        for (var swap = 0; swap < 10; swap++)
        {
            await clients.AnsweredAsync(20);
            var back = await scene.Host.RollbackAsync("greeter");
            Assert.True(back.Outcome == SwapOutcome.Moved, back.Reason);
        }

        await clients.StopAsync();
        Assert.Equal($"{clients.Counted}", await scene.GetAsync("/greeter/count"));
        Assert.Equal([ModuleState.Paused, ModuleState.Serving], StatesOf(scene));
    }

    [Fact]
    public async Task Deploy_WithAGenerationKept_EndsThatOneAndKeepsTheLast()
    {
        await using var scene = await StartAsync();
        await scene.DeployAsync(TestModule.GreeterV2);

        await scene.DeployAsync(TestModule.GreeterV1);

        Assert.Equal(2, scene.Host.Status[0].Kept);
        await Waiting.UntilAsync(
            () => StatesOf(scene) is [ModuleState.Collected, ModuleState.Paused, ModuleState.Serving], "the first to be gone");
    }

    [Fact]
    public async Task Kept_PastItsTime_IsCollected()
    {
        await using var scene = await StartAsync(TimeSpan.FromMilliseconds(200));
        await scene.DeployAsync(TestModule.GreeterV2);

        await Waiting.UntilAsync(() => StatesOf(scene) is [ModuleState.Collected, ModuleState.Serving], "the first to be gone");

        Assert.Null(scene.Host.Status[0].Kept);
        Assert.Equal(SwapOutcome.Moved, (await scene.Host.RollbackAsync("greeter")).Outcome);
        Assert.Equal("greeter 1.0.0 3 1.0.0", await scene.GetAsync("/greeter/who"));
    }

    [Fact]
    public async Task Remove_WithAGenerationKept_EndsBoth()
    {
        await using var scene = await StartAsync();
        await scene.DeployAsync(TestModule.GreeterV2);

        await scene.Host.RemoveAsync("greeter");

        await Waiting.UntilAsync(() => StatesOf(scene).All(state => state == ModuleState.Collected), "both to be gone");
    }

    private static IReadOnlyList<ModuleState> StatesOf(ModuleScene scene) =>
        [.. scene.Host.Status[0].Generations.Select(one => one.State)];

    private static async Task<ModuleScene> StartAsync(TimeSpan? keep = null)
    {
        var scene = await ModuleScene.StartAsync(options => options.KeepPrevious = keep ?? TimeSpan.FromHours(1));
        await scene.DeployAsync(TestModule.GreeterV1);
        return scene;
    }
}
