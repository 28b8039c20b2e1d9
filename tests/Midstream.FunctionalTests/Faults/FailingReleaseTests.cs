using Midstream.Control.Operators;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Faults;

/// <summary>A new release that never gets as far as the switch: what serves does not notice, and nothing is left of it.</summary>
public sealed class FailingReleaseTests
{
    private const int ReadyTimeoutMs = 5000;
    private const int HealthTimeoutMs = 1000;

    [Theory]
    [InlineData("crash-at-start", "worker-exited-before-ready", "exited with code 3")]
    [InlineData("exit-at-once", "worker-exited-before-ready", "exited with code 0")]
    [InlineData("throw-at-start", "worker-exited-before-ready", "Thrown in start-up")]
    [InlineData("hang-at-start", "worker-not-ready-in-time", "was not ready within 5 s", ReadyTimeoutMs)]
    [InlineData("unhealthy", "health-check-failed", "was answered with 500")]
    [InlineData("never-answer", "health-check-failed", "was not answered within 1000 ms", 60_000, HealthTimeoutMs)]
    public async Task Deploy_ReleaseFailsBeforeSwitch_OldServesOn(
        string fault, string failure, string said, int readyTimeoutMs = 60_000, int healthTimeoutMs = 20_000)
    {
        // Hasty only where that is what is tested: on a busy machine a start that fails takes its time, too.
        await using var scene = await Scene.StartAsync($$"""
            {
              "ready": { "timeout_ms": {{readyTimeoutMs}} },
              "health": { "path": "/healthz", "interval_ms": 50, "timeout_ms": {{healthTimeoutMs}}, "failures_max": 2 },
              "probation": { "duration_ms": 200 }
            }
            """);
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);

        var (program, answer) = await scene.Service.DeployAsync(scene.Folder.Faulty(fault));

        var result = Assert.IsType<ResultEvent>(answer);
        Assert.Equal(Outcomes.Failed, result.Outcome);
        Assert.Equal(failure, result.Failure);
        Assert.Contains(said, $"{result.Reason}\n{string.Join('\n', result.LastLines ?? [])}", StringComparison.Ordinal);
        Assert.Equal(1, program.ExitCode);
        Assert.Equal(scene.First.Release, result.Release);
        await scene.AssertFirstServesOnAsync();
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Deploy_WorkerKilledBeforeReady_OldServesOn()
    {
        await using var scene = await Scene.StartAsync();
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);
        await using var deploy = await scene.BeginDeployAsync(scene.Folder.Faulty("hang-at-start"), "ready");

        Processes.Signal((await scene.NewGenerationAsync()).Pid, "KILL");

        var program = await deploy.WaitAsync();
        Assert.Equal("worker-exited-before-ready", Scene.ResultOf(program).Failure);
        Assert.Equal(1, program.ExitCode);
        await scene.AssertFirstServesOnAsync();
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Deploy_WorkerKilledWhenReady_OldServesOn()
    {
        await using var scene = await Scene.StartAsync(
            """{ "health": { "timeout_ms": 30000 }, "probation": { "duration_ms": 200 } }""");
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);
        await using var deploy = await scene.BeginDeployAsync(scene.Folder.Faulty("never-answer"), "health");

        Processes.Signal((await scene.NewGenerationAsync()).Pid, "KILL");

        var program = await deploy.WaitAsync();
        Assert.Equal("worker-exited-before-ready", Scene.ResultOf(program).Failure);
        Assert.Equal(1, program.ExitCode);
        await scene.AssertFirstServesOnAsync();
        await load.EndWithoutLossAsync();
    }
}
