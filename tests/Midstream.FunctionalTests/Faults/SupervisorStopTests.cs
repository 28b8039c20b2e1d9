using Midstream.TestKit;

namespace Midstream.FunctionalTests.Faults;

/// <summary>A supervisor that is told to stop while a deployment is under way.</summary>
public sealed class SupervisorStopTests
{
    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("QUIT")]
    public async Task Signal_BeforeSwitch_StopsInOrderAndNextRunStartsTheCommittedRelease(string signal)
    {
        await using var scene = await Scene.StartAsync();
        using var http = new HttpClient();
        var underWay = http.GetStringAsync(new Uri(scene.Service.Url, "/slow?ms=1500"));
        await using var deploy = await scene.BeginDeployAsync(scene.Folder.Faulty("hang-at-start"), "ready");
        var workers = Processes.Children(scene.Service.Supervisor.Pid);

        scene.Service.Supervisor.Signal(signal);

        Assert.Equal(0, (await scene.Service.Supervisor.WaitAsync()).ExitCode);
        var program = await deploy.WaitAsync();
        Assert.Equal("supervisor-stopping", Scene.ResultOf(program).Failure);
        Assert.Equal(1, program.ExitCode);
        Assert.Equal(2, workers.Count);
        Assert.DoesNotContain(workers, Processes.IsAlive);
        // What was under way when the signal came has been answered.
        Assert.Equal($"{scene.First.Pid}\n", await underWay);
        Assert.Empty(scene.Unfinished());
        await AssertNextRunServesAsync(scene, scene.First.Release);
    }

    [Fact]
    public async Task Term_InProbation_NewReleaseStands()
    {
        await using var scene = await Scene.StartAsync("""{ "probation": { "duration_ms": 60000 } }""");
        await using var deploy = await scene.BeginDeployAsync(scene.Folder.Working("second"), "probation");
        var workers = Processes.Children(scene.Service.Supervisor.Pid);

        scene.Service.Supervisor.Signal("TERM");

        Assert.Equal(0, (await scene.Service.Supervisor.WaitAsync()).ExitCode);
        var program = await deploy.WaitAsync();
        Assert.Equal(0, program.ExitCode);
        Assert.DoesNotContain(workers, Processes.IsAlive);
        await AssertNextRunServesAsync(scene, Scene.ResultOf(program).Release!);
    }

    [Fact]
    public async Task Term_WhileDown_Ends()
    {
        var now = "";
        await using var scene = await Scene.StartAsync(
            """{ "restart": { "delay_min_ms": 1, "crashes_max": 1 } }""", folder => folder.Faulty("crash-when", out now));
        await File.WriteAllTextAsync(now, "");
        await scene.Service.WaitForStatusAsync(now => now is { State: "down", Problem: not null });

        scene.Service.Supervisor.Signal("TERM");

        Assert.Equal(0, (await scene.Service.Supervisor.WaitAsync()).ExitCode);
    }

    [Fact]
    public async Task Term_Twice_EndsAWorkerThatDoesNotListen()
    {
        await using var scene = await Scene.StartAsync(
            """{ "stop": { "timeout_ms": 600000 } }""", folder => folder.Faulty("ignore-term"));

        scene.Service.Supervisor.Signal("TERM");
        await scene.Service.Supervisor.WaitForTextAsync("Stopping, at the wish of");
        Assert.True(Processes.IsAlive(scene.First.Pid));
        scene.Service.Supervisor.Signal("TERM");

        Assert.Equal(0, (await scene.Service.Supervisor.WaitAsync()).ExitCode);
        Assert.False(Processes.IsAlive(scene.First.Pid));
    }

    private static async Task AssertNextRunServesAsync(Scene scene, string release)
    {
        await using var next = await MidstreamService.StartAsync(scene.Folder, release: null);
        Assert.Equal(release, (await next.StatusAsync()).Release);
    }
}
