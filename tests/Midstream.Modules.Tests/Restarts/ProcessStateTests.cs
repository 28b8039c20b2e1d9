// Modules' state goes to the next process, over the same channel as the application's own.

using Midstream.Core.Modules;
using Midstream.Modules.Tests.Scenes;
using Midstream.TestKit;

namespace Midstream.Modules.Tests.Restarts;

public sealed class ProcessStateTests
{
    [Fact]
    public async Task HandOver_ToTheNextProcess_TakesTheModulesStateAlong()
    {
        using var data = new TemporaryFolder();
        await using var old = await ProcessPair.StartFirstAsync(data);
        await old.DeployAsync(TestModule.GreeterV1);
        Assert.Equal("5", await old.PostAsync("/greeter/count/5"));

        await using var pair = await ProcessPair.StartNextAsync(old, data);
        // Before the switch the new process asks the old one, and after it the other way round.
        Assert.Equal("5", await pair.New.GetAsync("/greeter/count"));
        Assert.Equal("6", await pair.New.PostAsync("/greeter/count/1"));
        await pair.HandOverAsync();
        Assert.Equal("7", await old.PostAsync("/greeter/count/1"));
        Assert.Equal("8", await pair.New.PostAsync("/greeter/count/1"));

        await pair.EndOldAsync();
        Assert.Equal("9", await pair.New.PostAsync("/greeter/count/1"));
    }

    [Fact]
    public async Task HandOver_WithClientsThatWrite_LosesAndDoublesNothing()
    {
        using var data = new TemporaryFolder();
        await using var old = await ProcessPair.StartFirstAsync(data);
        await old.DeployAsync(TestModule.GreeterV1);
        using var clients = new NamedClients(old.Address);
        clients.Start(8);
        await clients.AnsweredAsync(50);

        await using var pair = await ProcessPair.StartNextAsync(old, data);
        using var newClients = new NamedClients(pair.New.Address);
        newClients.Start(8);
        await clients.AnsweredAsync(50);
        await pair.HandOverAsync();
        await clients.AnsweredAsync(50);
        await newClients.AnsweredAsync(50);
        await clients.StopAsync();
        await newClients.StopAsync();

        await pair.EndOldAsync();
        Assert.Equal($"{clients.Counted + newClients.Counted}", await pair.New.GetAsync("/greeter/count"));
    }

    [Fact]
    public async Task Swap_WhileTwoProcessesHaveTheState_IsRefusedAndLaterPossible()
    {
        using var data = new TemporaryFolder();
        await using var old = await ProcessPair.StartFirstAsync(data);
        await old.DeployAsync(TestModule.GreeterV1);
        await old.PostAsync("/greeter/count/5");
        await using var pair = await ProcessPair.StartNextAsync(old, data);

        Assert.Contains(
            "being replaced", (await old.Host.DeployAsync(TestModule.GreeterV2)).Reason, StringComparison.Ordinal);
        Assert.Contains(
            "being replaced", (await pair.New.Host.DeployAsync(TestModule.GreeterV2)).Reason, StringComparison.Ordinal);
        await pair.HandOverAsync();
        await pair.EndOldAsync();

        await Waiting.UntilAsync(() => pair.New.Host.Process.Refusal is null, "the old process to be gone");
        var swapped = await pair.New.DeployAsync(TestModule.GreeterV2);
        Assert.Equal("6", await pair.New.PostAsync("/greeter/count/1"));
        Assert.Equal(UnloadOutcome.Collected, (await swapped.Retirement!).Verdict.Outcome);
    }
}
