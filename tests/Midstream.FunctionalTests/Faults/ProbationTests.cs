using Midstream.Control.Operators;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Faults;

/// <summary>A new release that goes wrong after the switch: the service goes back to the release before by itself.</summary>
public sealed class ProbationTests
{
    private const string Watchful = """
        {
          "health": { "path": "/healthz", "interval_ms": 50, "timeout_ms": 20000, "failures_max": 2 },
          "probation": { "duration_ms": 20000 }
        }
        """;

    [Fact]
    public async Task Deploy_WorkerKilledInProbation_PreviousReleaseServesAgain()
    {
        await using var scene = await Scene.StartAsync(Watchful);
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);
        await using var deploy = await scene.BeginDeployAsync(scene.Folder.Working("second"), "probation");

        Processes.Signal((await scene.NewGenerationAsync()).Pid, "KILL");

        AssertWentBack(scene, await deploy.WaitAsync(), "worker-crashed-in-probation");
        await scene.AssertFirstReleaseServesAgainAsync();
        await load.EndWithOneKilledAsync();
    }

    [Fact]
    public async Task Deploy_WorkerExitsInProbation_PreviousReleaseServesAgain()
    {
        await using var scene = await Scene.StartAsync(Watchful);
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);

        await using var deploy = await scene.BeginDeployAsync(scene.Folder.Faulty("crash-when", out var now), "probation");

        await File.WriteAllTextAsync(now, "");

        AssertWentBack(scene, await deploy.WaitAsync(), "worker-crashed-in-probation");
        await scene.AssertFirstReleaseServesAgainAsync();
        await load.EndWithOneKilledAsync();
    }

    [Fact]
    public async Task Deploy_HealthFailsInProbation_PreviousReleaseServesAgainWithoutLoss()
    {
        await using var scene = await Scene.StartAsync(Watchful);
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);

        await using var deploy = await scene.BeginDeployAsync(scene.Folder.Faulty("unhealthy-when", out var now), "probation");

        await File.WriteAllTextAsync(now, "");

        AssertWentBack(scene, await deploy.WaitAsync(), "health-failed-in-probation");
        await scene.AssertFirstReleaseServesAgainAsync();
        // It was unwell, not dead: both ways of the switch keep every request.
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Deploy_WorkerKilledWhileOldDrains_OldServesOn()
    {
        await using var scene = await Scene.StartAsync(Watchful);
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);
        await using var underWay = await RawConnection.ConnectAsync(scene.Service.Url);
        await underWay.SendAsync("POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 8\r\n\r\nhalf");
        await using var deploy = await scene.BeginDeployAsync(scene.Folder.Working("second"), "drain");

        Processes.Signal((await scene.NewGenerationAsync()).Pid, "KILL");

        AssertWentBack(scene, await deploy.WaitAsync(), "worker-crashed-in-probation");
        Assert.Contains($"\"pid\":{scene.First.Pid}", (await underWay.AskAsync("half")).Body, StringComparison.Ordinal);
        await scene.AssertFirstServesOnAsync();
        await load.EndWithOneKilledAsync();
    }

    [Fact]
    public async Task Deploy_AfterGoingBack_Succeeds()
    {
        await using var scene = await Scene.StartAsync(Watchful.Replace("20000", "3000", StringComparison.Ordinal));
        await using var failed = await scene.BeginDeployAsync(scene.Folder.Faulty("crash-when", out var now), "probation");
        await File.WriteAllTextAsync(now, "");
        AssertWentBack(scene, await failed.WaitAsync(), "worker-crashed-in-probation");
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);

        var result = await scene.Service.DeployWellAsync(scene.Folder.Working("second"));

        Assert.Equal(result.Release, (await scene.Service.StatusAsync()).Release);
        Assert.Equal(scene.First.Release, (await scene.Service.StatusAsync()).PreviousRelease);
        await scene.AssertNothingLeftAsync();
        await load.EndWithoutLossAsync();
    }

    private static void AssertWentBack(Scene scene, ProgramResult program, string failure)
    {
        var result = Scene.ResultOf(program);
        Assert.Equal(Outcomes.RolledBack, result.Outcome);
        Assert.Equal(failure, result.Failure);
        Assert.Equal(scene.First.Release, result.Release);
        Assert.Equal(5, program.ExitCode);
    }
}
