// What a module leaves behind: it leaves the memory all the same, or what keeps it is named by type and member.

using System.Runtime.Loader;
using Midstream.Core.Modules;
using Midstream.Modules.Tests.Fit;
using Midstream.Modules.Tests.Scenes;
using Midstream.TestKit;

namespace Midstream.Modules.Tests.Unloading;

[Collection(OddTests.Name)]
public sealed class LeakTests
{
    [Theory]
    [InlineData("json by reflection")]
    [InlineData("validation")]
    [InlineData("type descriptor")]
    [InlineData("task in the context")]
    [InlineData("timer of the context")]
    [InlineData("options on configuration")]
    public async Task Unload_OfWhatTheHostCleansUp_IsCollected(string leak)
    {
        await using var scene = await OddScene.StartAsync(options => options.UnloadTimeout = TimeSpan.FromSeconds(20));
        await scene.DeployWellAsync(leak);

        var ended = await (await scene.DeployWellAsync()).Retirement!;

        Assert.Empty(ended.Faults);
        Assert.True(ended.Verdict.Outcome == UnloadOutcome.Collected, string.Join('\n', ended.Verdict.Culprits));
    }

    [Theory]
    [InlineData("timer", "Timer", "Odd.Leaks.Tick")]
    [InlineData("delay", "Timer", "Odd.Leaks")]
    [InlineData("process exit", "Process-wide event", "Odd.Leaks.OnExit")]
    [InlineData("first chance", "Process-wide event", "Odd.Leaks.OnFirstChance")]
    [InlineData("load context", "AssemblyLoadContext event", "Odd.Leaks.OnResolving")]
    [InlineData("gauge", "Meter", "Odd.Leaks.Measure")]
    [InlineData("activity listener", "ActivityListener", "Odd.Leaks.Listens")]
    [InlineData("meter listener", "MeterListener", "Odd.Leaks.OnPublished")]
    [InlineData("diagnostic listener", "DiagnosticListener", "Odd.Leaks+Observer")]
    [InlineData("cancel key", "Console.CancelKeyPress", "Odd.Leaks.OnCancel")]
    [InlineData("host environment", "Host singleton", "Odd.Leaks+OddFiles")]
    public async Task Unload_OfAModuleThatIsKept_NamesWhoKeepsItAndWhatIsKept(string leak, string holder, string held)
    {
        await using var scene = await OddScene.StartAsync(options => options.UnloadTimeout = TimeSpan.FromSeconds(3));
        await scene.DeployWellAsync(leak);

        var ended = await (await scene.DeployWellAsync()).Retirement!;

        Assert.Equal(UnloadOutcome.Pinned, ended.Verdict.Outcome);
        Assert.True(
            ended.Verdict.Culprits.Any(culprit => culprit.Holder.StartsWith(holder, StringComparison.Ordinal)
                && culprit.Held.Contains(held, StringComparison.Ordinal)),
            string.Join('\n', ended.Verdict.Culprits));
    }

    // As of one that is built against a newer version of another than the host has.
    [Fact]
    public async Task Unload_OfAModuleThatIsKeptWhileALibraryOfTheHostIsIncomplete_NamesWhoKeepsIt()
    {
        await using var scene = await OddScene.StartAsync(options => options.UnloadTimeout = TimeSpan.FromSeconds(3));
        LoadIncompleteLibrary(scene.Modules.Folder);
        await scene.DeployWellAsync("timer");

        var ended = await (await scene.DeployWellAsync()).Retirement!.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Contains(ended.Verdict.Culprits, culprit => culprit.Held.Contains("Odd.Leaks.Tick", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unload_OfAModuleInAHostsOwnList_NamesItAndSeesItLeaveLater()
    {
        await using var scene = await OddScene.StartAsync(options => options.UnloadTimeout = TimeSpan.FromSeconds(3));
        await scene.DeployWellAsync("host registry");

        var ended = await (await scene.DeployWellAsync()).Retirement!;

        Assert.Contains(
            ended.Verdict.Culprits, culprit => culprit.Holder.StartsWith("Host singleton", StringComparison.Ordinal)
                && culprit.Held == "Odd.Leaks");
        scene.Registry.Clear();
        await TestKit.Waiting.UntilAsync(
            () =>
            {
                GC.Collect();
                return scene.Modules.Host.Status[0].Generations[0].State == ModuleState.Collected;
            },
            "the generation to leave after all");
    }

    private static void LoadIncompleteLibrary(TemporaryFolder folder)
    {
        var absent = MadeAssembly.WriteContract(folder.In("Absent.dll"), "Absent", "1.0.0.0");
        var library = folder.In("Incomplete.dll");
        MadeAssembly.WriteLibrary(library, "Incomplete", absent);
        AssemblyLoadContext.Default.LoadFromStream(new MemoryStream(File.ReadAllBytes(library)));
    }
}
