// That a module is replaced while it serves, and that the one before is gone.

using System.Net;
using Midstream.Core.Modules;
using Midstream.Modules.Tests.Scenes;

namespace Midstream.Modules.Tests.Swaps;

public sealed class SwapTests
{
    [Fact]
    public async Task Deploy_OfASecondVersion_ServesItAtOnceAndTheFirstIsCollected()
    {
        await using var scene = await ModuleScene.StartAsync();
        await scene.DeployAsync(TestModule.GreeterV1);
        Assert.Equal("Hello you from 1.0.0", await scene.GetAsync("/greeter/hello/you"));

        var second = await scene.DeployAsync(TestModule.GreeterV2);

        Assert.Equal("Hello you from 2.0.0", await scene.GetAsync("/greeter/hello/you"));
        Assert.Equal("greeter 2.0.0 2 2.0.0", await scene.GetAsync("/greeter/who"));
        var ended = await second.Retirement!;
        Assert.Empty(ended.Faults);
        Assert.Equal(UnloadOutcome.Collected, ended.Verdict.Outcome);
    }

    [Fact]
    public async Task Deploy_WithARequestUnderWay_EndsItOnTheGenerationItBeganWith()
    {
        await using var scene = await ModuleScene.StartAsync();
        await scene.DeployAsync(TestModule.GreeterV1);
        var held = scene.GetAsync("/greeter/hold");
        await TestKit.Waiting.UntilAsync(() => scene.Host.Status[0].Generations[0].UnderWay == 1, "the request to be held");

        var second = await scene.DeployAsync(TestModule.GreeterV2);
        Assert.Equal("Hello you from 2.0.0", await scene.GetAsync("/greeter/hello/you"));
        Assert.False(second.Retirement!.IsCompleted);
        Assert.Equal(ModuleState.Draining, scene.Host.Status[0].Generations[0].State);

        // The first generation can be reached by nobody any more but through its own gate: its request is aborted by its client.
        Assert.False(held.IsCompleted);
        scene.Client.CancelPendingRequests();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held);
        var ended = await second.Retirement;
        Assert.Empty(ended.Aborted);
        Assert.Equal(UnloadOutcome.Collected, ended.Verdict.Outcome);
    }

    [Fact]
    public async Task Request_ThatNoEndpointOfTheModuleTakes_IsTheHosts()
    {
        await using var scene = await ModuleScene.StartAsync();
        await scene.DeployAsync(TestModule.GreeterV1);

        Assert.Equal("host", await scene.GetAsync("/host"));
        Assert.Equal(HttpStatusCode.NotFound, await scene.StatusOfAsync("/greeter/nothing"));
    }

    [Fact]
    public async Task Remove_OfAModule_LeavesItsPathToTheHost()
    {
        await using var scene = await ModuleScene.StartAsync();
        await scene.DeployAsync(TestModule.GreeterV1);

        var ended = await scene.Host.RemoveAsync("greeter");

        Assert.Equal(UnloadOutcome.Collected, ended!.Verdict.Outcome);
        Assert.Equal(HttpStatusCode.NotFound, await scene.StatusOfAsync("/greeter/hello/you"));
        await scene.DeployAsync(TestModule.GreeterV2);
        Assert.Equal("Hello you from 2.0.0", await scene.GetAsync("/greeter/hello/you"));
    }

    [Fact]
    public async Task Rollback_AfterASecondVersion_ServesTheFirstAgain()
    {
        await using var scene = await ModuleScene.StartAsync();
        await scene.DeployAsync(TestModule.GreeterV1);
        await scene.DeployAsync(TestModule.GreeterV2);

        var back = await scene.Host.RollbackAsync("greeter");

        Assert.Equal(SwapOutcome.Moved, back.Outcome);
        Assert.Equal("Hello you from 1.0.0", await scene.GetAsync("/greeter/hello/you"));
    }
}
