using Midstream.TestKit;

namespace Midstream.FunctionalTests.Faults;

/// <summary>A supervisor that is killed: its workers finish what they have and make room for the next one.</summary>
public sealed class SupervisorDeathTests
{
    [Fact]
    public async Task Kill_InSteadyState_WorkerEndsItsWorkAndNextRunServes()
    {
        await using var scene = await Scene.StartAsync();
        using var http = new HttpClient();
        // Its head has come when this returns, and its body takes two more seconds.
        using var underWay = await http.GetAsync(
            new Uri(scene.Service.Url, "/stream?chunks=20&delayMs=100"), HttpCompletionOption.ResponseHeadersRead);

        await KillAsync(scene);
        await SocketsReleasedAsync(scene);

        // The next supervisor serves on the same port while the last answer of the old worker is still under way.
        await using var next = await MidstreamService.StartAsync(
            scene.Folder, release: null, listen: [$"http://127.0.0.1:{scene.Service.Url.Port}"]);
        Assert.Equal(scene.First.Release, (await next.StatusAsync()).Release);
        Assert.EndsWith($"19 {scene.First.Pid}\n", await underWay.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await Eventually.HoldsAsync(
            () => !Processes.IsAlive(scene.First.Pid), () => $"The orphaned worker {scene.First.Pid} does not end.");
        Assert.Contains("\"pid\"", await http.GetStringAsync(next.Url), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kill_InProbation_NextRunGoesBackToTheLastGoodRelease()
    {
        await using var scene = await Scene.StartAsync("""{ "probation": { "duration_ms": 60000 } }""");
        await using var deploy = await scene.BeginDeployAsync(scene.Folder.Working("second"), "probation");
        var worker = await scene.NewGenerationAsync();

        await KillAsync(scene);

        var program = await deploy.WaitAsync();
        Assert.Equal(3, program.ExitCode);
        await Eventually.HoldsAsync(
            () => !Processes.IsAlive(worker.Pid), () => $"The orphaned worker {worker.Pid} does not end.");
        await using var next = await MidstreamService.StartAsync(scene.Folder, release: null);
        Assert.Equal(scene.First.Release, (await next.StatusAsync()).Release);
        Assert.Contains("was in its probation when the supervisor ended", next.Supervisor.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kill_BeforeSwitch_NeitherWorkerOutlivesItsWork()
    {
        await using var scene = await Scene.StartAsync();
        await using var deploy = await scene.BeginDeployAsync(
            scene.Folder.Faulty("never-answer"), "ready");
        var workers = Processes.Children(scene.Service.Supervisor.Pid);
        Assert.Equal(2, workers.Count);

        await KillAsync(scene);

        await deploy.WaitAsync();
        await Eventually.HoldsAsync(
            () => !workers.Any(Processes.IsAlive), () => $"Of the workers {string.Join(", ", workers)} one does not end.");
        await using var next = await MidstreamService.StartAsync(scene.Folder, release: null);
        Assert.Equal(scene.First.Release, (await next.StatusAsync()).Release);
    }

    private static async Task KillAsync(Scene scene)
    {
        scene.Service.Supervisor.Signal("KILL");
        await scene.Service.Supervisor.WaitAsync();
    }

    private static Task SocketsReleasedAsync(Scene scene) => Eventually.HoldsAsync(
        () => !IsListening(scene.Service.Url.Port), () => $"Port {scene.Service.Url.Port} is still listened on.");

    // Asked without connecting, which would leave a connection in the queue of a socket that is being closed.
    private static bool IsListening(int port) => System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties()
        .GetActiveTcpListeners().Any(listener => listener.Port == port);
}
