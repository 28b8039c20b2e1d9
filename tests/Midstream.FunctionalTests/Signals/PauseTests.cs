// A pause is the operator's wish until it is taken back: whatever happens to the workers meanwhile, nobody accepts.

using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;
using Midstream.FunctionalTests.Succession;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Signals;

public sealed class PauseTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: tested\r\n\r\n";

    [Theory(Timeout = SuccessionScene.LongestMs)]
    [InlineData("crash")]
    [InlineData("scale")]
    [InlineData("reload")]
    [InlineData("deploy")]
    [InlineData("upgrade")]
    [InlineData("take-over")]
    public async Task Paused_WhileWorkersChange_NobodyAcceptsUntilTheResume(string change)
    {
        await using var scene = await SuccessionScene.StartAsync();
        await using var kept = await RawConnection.ConnectAsync(scene.Url);
        Assert.Equal(200, (await kept.AskAsync(Get)).Status);
        Assert.Equal(0, (await scene.Service.RunAsync("pause")).ExitCode);
        // The kernel takes the connection, and whoever opens a gate accepts it.
        await using var client = await RawConnection.ConnectAsync(scene.Url);
        var answer = client.AskAsync(Get);

        await MakeAsync(scene, change);

        Assert.Equal("paused", (await scene.Service.StatusAsync()).State);
        // Who was a client before is one still, wherever the connection is by now; but not of a worker that was killed.
        if (change != "crash")
            Assert.Equal(200, (await kept.AskAsync(Get)).Status);
        Assert.Equal(1, TcpSockets.NotAccepted(scene.Url.Port));
        Assert.Equal(0, (await scene.Service.RunAsync("resume")).ExitCode);
        Assert.Equal(200, (await answer).Status);
        Assert.Equal(0, (await scene.Service.RunAsync("scale", "1")).ExitCode);
        await scene.AssertSettledAsync(await scene.Service.StatusAsync());
    }

    [Fact]
    public async Task Paused_AReleaseFailsAfterTheSwitch_OldWorkerAcceptsNothingEither()
    {
        await using var scene = await Scene.StartAsync("""{ "probation": { "duration_ms": 20000 } }""");
        Assert.Equal(0, (await scene.Service.RunAsync("pause")).ExitCode);
        await using var client = await RawConnection.ConnectAsync(scene.Service.Url);
        var answer = client.AskAsync(Get);

        await using var deploy = await scene.BeginDeployAsync(scene.Folder.Faulty("crash-when", out var now), "probation");
        await File.WriteAllTextAsync(now, "");

        Assert.Equal(Outcomes.RolledBack, Scene.ResultOf(await deploy.WaitAsync()).Outcome);
        Assert.Equal("paused", (await scene.Service.StatusAsync()).State);
        Assert.Equal(1, TcpSockets.NotAccepted(scene.Service.Url.Port));
        Assert.Equal(0, (await scene.Service.RunAsync("resume")).ExitCode);
        Assert.Equal(200, (await answer).Status);
    }

    [Fact]
    public async Task Paused_WorkersWithoutAGate_AreNotStarted()
    {
        await using var scene = await Scene.StartAsync(
            """{ "probation": { "duration_ms": 200 } }""",
            folder => folder.MakeRelease(Repository.Published("tests/TestApps/SystemdWeb"), "first"));
        Assert.Equal(0, (await scene.Service.RunAsync("pause")).ExitCode);
        await File.WriteAllTextAsync(scene.Service.Configuration, """{ "inject": false, "ready": { "http": "/" } }""");

        var result = Scene.ResultOf(await scene.Service.RunAsync("reload", "--json"));

        Assert.Equal("cannot-pause", result.Failure);
        var status = await scene.Service.StatusAsync();
        Assert.Equal(("paused", scene.First.Pid), (status.State, Assert.Single(status.Workers).Pid));
    }

    private static async Task MakeAsync(SuccessionScene scene, string change)
    {
        var first = scene.First.Workers[0];
        switch (change)
        {
            case "crash":
                Processes.Signal(first.Pid, "KILL");
                await scene.Service.WaitForStatusAsync(now => now is { Operation: null, Supervisor.Restarts: 1 });
                break;
            case "scale":
                Assert.Equal(0, (await scene.Service.RunAsync("scale", "2")).ExitCode);
                break;
            case "reload":
                Assert.Equal(0, (await scene.Service.RunAsync("reload")).ExitCode);
                break;
            case "deploy":
                await scene.Service.DeployWellAsync(scene.Folder.Working("second"));
                break;
            case "upgrade":
                await scene.UpgradeWellAsync();
                break;
            case "take-over":
                await scene.KillAndRunAsync();
                break;
        }
    }
}
