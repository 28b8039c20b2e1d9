using Midstream.TestKit;

namespace Midstream.FunctionalTests.Faults;

/// <summary>A worker that dies while nobody changes anything: it is started again, until that makes no sense any more.</summary>
public sealed class SteadyStateTests
{
    private const int Crashes = 4;

    [Fact]
    public async Task Kill_OfServingWorker_ReleaseIsStartedAgain()
    {
        await using var scene = await Scene.StartAsync();
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);

        Processes.Signal(scene.First.Pid, "KILL");

        var status = await scene.Service.WaitForStatusAsync(now => now is { State: "serving", Supervisor.Restarts: 1 });
        Assert.True(Assert.Single(status.Workers).Generation > scene.First.Generation);
        await scene.AssertFirstReleaseServesAgainAsync();
        await load.EndWithOneKilledAsync();
    }

    [Fact]
    public async Task Kill_AgainAndAgain_LeavesNothingInTheSupervisor()
    {
        await using var scene = await Scene.StartAsync("""{ "restart": { "delay_min_ms": 1, "crashes_max": 100 } }""");

        for (var crash = 1; crash <= Crashes; crash++)
        {
            var worker = Assert.Single((await scene.Service.StatusAsync()).Workers);
            Processes.Signal(worker.Pid, "KILL");
            await scene.Service.WaitForStatusAsync(now => now.State == "serving" && now.Supervisor.Restarts == crash);
        }

        await scene.AssertFirstReleaseServesAgainAsync();
    }

    [Fact]
    public async Task CrashLoop_OfCommittedRelease_EndsDownAndADeploymentRepairsIt()
    {
        var now = "";
        await using var scene = await Scene.StartAsync(
            """{ "restart": { "delay_min_ms": 1, "crashes_max": 3 }, "probation": { "duration_ms": 100 } }""",
            folder => folder.Faulty("crash-when", out now));

        await File.WriteAllTextAsync(now, "");

        var down = await scene.Service.WaitForStatusAsync(now => now is { State: "down", Problem: not null });
        Assert.Contains("crashed 3 times", down.Problem, StringComparison.Ordinal);
        Assert.Contains("exited with code 3", down.Problem, StringComparison.Ordinal);
        Assert.Contains("deploy a release that works", down.Problem, StringComparison.Ordinal);
        Assert.Empty(down.Workers);

        var result = await scene.Service.DeployWellAsync(scene.Folder.Working("repair"));

        var repaired = await scene.Service.StatusAsync();
        Assert.Equal("serving", repaired.State);
        Assert.Null(repaired.Problem);
        Assert.Equal(result.Release, repaired.Release);
        await scene.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task Kill_ReleaseGoneFromTheStore_EndsDownAndADeploymentRepairsIt()
    {
        await using var scene = await Scene.StartAsync(
            """{ "restart": { "delay_min_ms": 1, "crashes_max": 3 }, "probation": { "duration_ms": 100 } }""");
        var store = Path.Combine(scene.Service.State, "tested", "releases");
        File.Delete(Path.Combine(store, $"{scene.First.Release}.json"));
        Directory.Move(Path.Combine(store, scene.First.Release), scene.Folder.In("gone"));

        Processes.Signal(scene.First.Pid, "KILL");

        await scene.Service.WaitForStatusAsync(now => now is { State: "down", Problem: not null });
        await scene.Service.DeployWellAsync(scene.Folder.Working("repair"));
        Assert.Equal("serving", (await scene.Service.StatusAsync()).State);
        await scene.AssertNothingLeftAsync();
    }
}
