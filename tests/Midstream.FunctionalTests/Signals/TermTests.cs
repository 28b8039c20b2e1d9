using Midstream.FunctionalTests.FaultMatrix;
using Midstream.FunctionalTests.Faults;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Signals;

/// <summary>TERM, whatever the supervisor is doing: it ends with nothing left, and the next one serves.</summary>
public sealed class TermTests
{
    private const string Configuration = """
        { "stop": { "timeout_ms": 5000 }, "drain": { "timeout_ms": 5000 }, "probation": { "duration_ms": 200 } }
        """;

    [Theory]
    [InlineData("spawn")]
    [InlineData("ready")]
    [InlineData("switch")]
    public async Task Term_NewWorkerAtAStep_StopsInOrderAndTheNextRunServes(string point)
    {
        await using var scene = await Scene.StartAsync(Configuration);
        var gate = await Gate.MakeAsync(scene.Folder, point);
        await using var deploy = scene.Service.Begin("deploy", gate.Release(scene.Folder), "--json");
        var held = await gate.ArrivedAsync();

        scene.Service.Supervisor.Signal("TERM");
        await scene.Service.Supervisor.WaitForTextAsync("Stopping, at the wish of");
        // Before the switch the worker was given up already, and nobody is there to hear.
        if (point == "switch")
            await gate.SayAsync("go");

        await AssertEndsAsync(scene, held);
        await AssertNextRunServesAsync(scene);
        await deploy.WaitAsync();
    }

    [Fact]
    public async Task Term_OldWorkerDrains_AnswersWhatIsUnderWay()
    {
        var folder = new TemporaryFolder();
        var gate = await Gate.MakeAsync(folder, "drain");
        await using var scene = await Scene.StartAsync(folder, Configuration, gate.Release);
        using var http = new HttpClient();
        var underWay = http.GetStringAsync(new Uri(scene.Service.Url, "/held"));
        var held = await gate.ArrivedAsync();
        await using var deploy = await scene.BeginDeployAsync(scene.Folder.Working("second"), "drain");

        scene.Service.Supervisor.Signal("TERM");
        await scene.Service.Supervisor.WaitForTextAsync("Stopping, at the wish of");
        await gate.SayAsync("go");

        Assert.Equal($"{held}\n", await underWay);
        await AssertEndsAsync(scene, held);
        await AssertNextRunServesAsync(scene);
        await deploy.WaitAsync();
    }

    // The store waits for its lock as it does when another process tidies up in it.
    [Fact]
    public async Task Term_WhileAReleaseIsStored_Ends()
    {
        await using var scene = await Scene.StartAsync(Configuration);
        await using (File.Open(
            Path.Combine(scene.Service.State, "tested", "releases", ".lock"),
            FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            await using var deploy = await scene.BeginDeployAsync(scene.Folder.Working("second"), "store");
            scene.Service.Supervisor.Signal("TERM");
            await scene.Service.Supervisor.WaitForTextAsync("Stopping, at the wish of");
        }

        await AssertEndsAsync(scene, scene.First.Pid);
        Assert.Empty(scene.Unfinished());
        await AssertNextRunServesAsync(scene);
    }

    [Theory]
    [InlineData("health", """ "health": { "timeout_ms": 60000 } """)]
    [InlineData("warm-up", """ "warm_up": ["/"], "ready": { "timeout_ms": 60000 } """)]
    public async Task Term_WhileANewWorkerIsAsked_Ends(string phase, string option)
    {
        await using var scene = await Scene.StartAsync($$"""{ {{option}} }""");
        await using var deploy = await scene.BeginDeployAsync(scene.Folder.Faulty("never-answer"), phase);
        var workers = Processes.Children(scene.Service.Supervisor.Pid);

        scene.Service.Supervisor.Signal("TERM");

        await AssertEndsAsync(scene, scene.First.Pid);
        Assert.DoesNotContain(workers, Processes.IsAlive);
        await AssertNextRunServesAsync(scene);
        await deploy.WaitAsync();
    }

    [Fact]
    public async Task Term_OldWorkerWasToldToStop_EndsBoth()
    {
        var folder = new TemporaryFolder();
        var gate = await Gate.MakeAsync(folder, "stop");
        await using var scene = await Scene.StartAsync(folder, Configuration, gate.Release);
        await using var deploy = scene.Service.Begin("deploy", scene.Folder.Working("second"), "--json");
        var held = await gate.ArrivedAsync();

        scene.Service.Supervisor.Signal("TERM");
        await scene.Service.Supervisor.WaitForTextAsync("Stopping, at the wish of");
        await gate.SayAsync("go");

        await AssertEndsAsync(scene, held);
        await AssertNextRunServesAsync(scene);
        await deploy.WaitAsync();
    }

    [Fact]
    public async Task Term_WhileTheFirstWorkerStarts_Ends()
    {
        using var folder = new TemporaryFolder();
        var gate = await Gate.MakeAsync(folder, "ready");
        await using var service = MidstreamService.Launch(folder, gate.Release(folder));
        var held = await gate.ArrivedAsync();

        service.Supervisor.Signal("TERM");

        await service.Supervisor.WaitAsync();
        Assert.False(Processes.IsAlive(held));
    }

    [Fact]
    public async Task Term_WhileAnotherProgramIsTriedOut_EndsWithIt()
    {
        await using var scene = await Scene.StartAsync(Configuration);
        var there = scene.Folder.In("there");
        var program = scene.Folder.In("slow-program");
        File.WriteAllText(program, $"#!/bin/sh\necho $$ > {there}\nexec sleep 600\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var upgrade = scene.Service.Begin("upgrade", program);
        await Eventually.HoldsAsync(
            () => File.Exists(there) && File.ReadAllText(there).EndsWith('\n'), () => "The program was not tried out.");
        var tried = int.Parse(File.ReadAllText(there), System.Globalization.CultureInfo.InvariantCulture);

        scene.Service.Supervisor.Signal("TERM");

        await AssertEndsAsync(scene, tried);
        await AssertNextRunServesAsync(scene);
        await upgrade.WaitAsync();
    }

    [Fact]
    public async Task Term_WhilePaused_Ends()
    {
        await using var scene = await Scene.StartAsync(Configuration);
        Assert.Equal(0, (await scene.Service.RunAsync("pause")).ExitCode);

        scene.Service.Supervisor.Signal("TERM");

        await AssertEndsAsync(scene, scene.First.Pid);
    }

    [Fact]
    public async Task Term_BetweenACrashAndTheRestart_Ends()
    {
        await using var scene = await Scene.StartAsync("""{ "restart": { "delay_min_ms": 60000, "delay_max_ms": 60000 } }""");
        Processes.Signal(scene.First.Pid, "KILL");
        await scene.Service.Supervisor.WaitForTextAsync("starting its release again");

        scene.Service.Supervisor.Signal("TERM");

        await AssertEndsAsync(scene, scene.First.Pid);
    }

    private static async Task AssertEndsAsync(Scene scene, int worker)
    {
        Assert.Equal(0, (await scene.Service.Supervisor.WaitAsync()).ExitCode);
        Assert.False(Processes.IsAlive(worker));
        Assert.False(Processes.IsAlive(scene.First.Pid));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(scene.Service.State, "tested", "workers")));
    }

    private static async Task AssertNextRunServesAsync(Scene scene)
    {
        await using var next = await MidstreamService.StartAsync(scene.Folder, release: null);
        Assert.True((await next.StatusAsync()).Committed);
    }
}
