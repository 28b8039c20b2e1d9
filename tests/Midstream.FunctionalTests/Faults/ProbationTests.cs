using Midstream.Control.Operators;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Faults;

/// <summary>A new release that goes wrong after the switch: the service goes back to the release before by itself.</summary>
public sealed class ProbationTests
{
    private const string Watchful = """
        {
          "health": { "path": "/healthz", "interval_ms": 50, "timeout_ms": 1000, "failures_max": 2 },
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

        var program = await scene.Service.RunAsync("deploy", scene.Folder.Faulty("crash-after:1000"), "--json");

        AssertWentBack(scene, program, "worker-crashed-in-probation");
        await scene.AssertFirstReleaseServesAgainAsync();
        await load.EndWithOneKilledAsync();
    }

    [Fact]
    public async Task Deploy_HealthFailsInProbation_PreviousReleaseServesAgainWithoutLoss()
    {
        await using var scene = await Scene.StartAsync(Watchful);
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);

        var program = await scene.Service.RunAsync("deploy", scene.Folder.Faulty("unhealthy-after:1000"), "--json");

        AssertWentBack(scene, program, "health-failed-in-probation");
        await scene.AssertFirstReleaseServesAgainAsync();
        // It was unwell, not dead: both ways of the switch keep every request.
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Deploy_WorkerKilledWhileOldDrains_OldServesOn()
    {
        await using var scene = await Scene.StartAsync(Watchful);
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);
        using var http = new HttpClient();
        var slow = http.GetStringAsync(new Uri(scene.Service.Url, "/slow?ms=3000"));
        await using var deploy = await scene.BeginDeployAsync(scene.Folder.Working("second"), "drain");

        Processes.Signal((await scene.NewGenerationAsync()).Pid, "KILL");

        AssertWentBack(scene, await deploy.WaitAsync(), "worker-crashed-in-probation");
        Assert.Equal($"{scene.First.Pid}\n", await slow);
        await scene.AssertFirstServesOnAsync();
        await load.EndWithOneKilledAsync();
    }

    [Fact]
    public async Task Deploy_AfterGoingBack_Succeeds()
    {
        await using var scene = await Scene.StartAsync(Watchful.Replace("20000", "3000", StringComparison.Ordinal));
        await scene.Service.RunAsync("deploy", scene.Folder.Faulty("crash-after:500"), "--json");
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
