// What is a module's own, and what it shares.

using Midstream.Core.Modules;
using Midstream.Modules.Tests.Scenes;
using TestContract;

namespace Midstream.Modules.FrameworkTests;

public sealed class IsolationTests
{
    [Fact]
    public async Task Load_OfTwoModulesWithConflictingVersionsOfALibrary_GivesEachItsOwn()
    {
        await using var scene = await ModuleScene.StartAsync();

        await scene.DeployAsync(TestModule.Built("SpeakerV1"));
        await scene.DeployAsync(TestModule.Built("SpeakerV2"));

        Assert.Equal("hello, from 1.0.0.0", await scene.GetAsync("/speaker-1/say"));
        Assert.Equal("hello times 2, from 2.0.0.0", await scene.GetAsync("/speaker-2/say"));
    }

    [Fact]
    public async Task Swap_OfAPinnedModule_ServesTheNewKeepsTheStateAndSaysThatTheOldStays()
    {
        await using var scene = await ModuleScene.StartAsync();
        await scene.DeployAsync(Pinned(scene, TestModule.GreeterV1, "1.0.0"));
        Assert.Equal("5", await scene.PostAsync("/greeter/count/5"));

        var second = await scene.DeployAsync(Pinned(scene, TestModule.GreeterV2, "2.0.0"));

        Assert.Equal("greeter 2.0.0 2 2.0.0", await scene.GetAsync("/greeter/who"));
        Assert.Equal("5", await scene.GetAsync("/greeter/count"));
        var ended = await second.Retirement!;
        Assert.Empty(ended.Faults);
        Assert.Equal(UnloadOutcome.Budgeted, ended.Verdict.Outcome);
        Assert.Equal(ModuleState.Budgeted, scene.Host.Status[0].Generations[0].State);
        Assert.All(
            AppDomain.CurrentDomain.GetAssemblies()
                .Where(assembly => assembly.GetName().Name == "Greeter" && !assembly.IsCollectible),
            assembly => Assert.StartsWith(scene.Folder.Path, assembly.Location, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Swap_WithEntriesOfASharedType_HandsThemOverAsTheyAre()
    {
        await using var scene = await ModuleScene.StartAsync(options => options.Shared.Add(typeof(Entry).Assembly));
        await scene.DeployAsync(TestModule.Built("Ledger"));
        Assert.Equal("10000", await scene.PostAsync("/ledger/fill/10000"));

        var second = await scene.DeployAsync(TestModule.Built("Ledger"));

        Assert.Equal("10000", await scene.GetAsync("/ledger/count"));
        Assert.Equal("entry 9999", await scene.GetAsync("/ledger/entry/9999"));
        Assert.Equal(UnloadOutcome.Collected, (await second.Retirement!).Verdict.Outcome);
        Assert.Equal(0, EntryCodec.Uses);
    }

    private static string Pinned(ModuleScene scene, string package, string version)
    {
        var copy = TestModule.Copy(package, scene.Folder, $"pinned-{version}");
        File.WriteAllText(Path.Combine(copy, "module.json"), $$"""
            { "format": 1, "name": "greeter", "version": "{{version}}", "assembly": "Greeter.dll", "mode": "pinned" }
            """);
        return copy;
    }
}
