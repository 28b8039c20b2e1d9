using Midstream.FunctionalTests.Faults;
using Midstream.FunctionalTests.Workers;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Signals;

/// <summary>The effect of each signal, alone, in bursts, and beside an operation that is under way.</summary>
public sealed class SignalTests
{
    private const string Quick = """{ "probation": { "duration_ms": 200 } }""";
    private const string Get = "GET / HTTP/1.1\r\nHost: tested\r\n\r\n";

    [Fact]
    public async Task Hup_ReplacesTheWorkersUnderTheConfigurationAsItIsNow()
    {
        await using var crew = await Crew.StartAsync(Quick);
        await using var load = await SteadyLoad.StartAsync(crew.Service.Url);
        crew.Configure("""{ "workers": { "count": 2 }, "probation": { "duration_ms": 200 } }""");

        crew.Service.Supervisor.Signal("HUP");

        await crew.Service.WaitForStatusAsync(now => now is { Supervisor.Deployments: 1, Operation: null });
        var status = await crew.AssertServeAsync(2, crew.First.Release!);
        Assert.DoesNotContain(status.Workers, worker => crew.FirstPids.Contains(worker.Pid));
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Hup_TenTimesInABurst_IsTwoReloadsAtMost()
    {
        await using var crew = await Crew.StartAsync(Quick);
        await using var load = await SteadyLoad.StartAsync(crew.Service.Url);

        // By one shell, for ten programs that signal would take longer than the burst is to last.
        await RunningProgram.RunAsync(
            "sh", ["-c", "for i in 1 2 3 4 5 6 7 8 9 10; do kill -HUP $0; done", $"{crew.Service.Supervisor.Pid}"]);

        // Equal signals that wait are one: the first is carried out, and one more for all that came meanwhile. What is asked for
        // after them waits behind them.
        crew.Service.Supervisor.Signal("TTIN");
        await crew.Service.WaitForStatusAsync(now => now is { WorkerCount: 2, Operation: null });
        var status = await crew.AssertServeAsync(2, crew.First.Release!);
        Assert.InRange(status.Supervisor.Deployments, 1, 3);
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Usr1_OpensTheLogAnew()
    {
        await using var crew = await Crew.StartAsync(Quick);
        var log = Path.Combine(crew.Service.State, "tested", "logs", "worker.log");
        File.Move(log, log + ".moved");

        crew.Service.Supervisor.Signal("USR1");

        await Eventually.HoldsAsync(() => File.Exists(log), () => $"There is no {log}.");
        await crew.AssertFirstServeOnAsync();
    }

    [Fact]
    public async Task Usr2_ReplacesTheSupervisorAndNobodyElse()
    {
        await using var crew = await Crew.StartAsync(Quick);
        await using var load = await SteadyLoad.StartAsync(crew.Service.Url);

        crew.Service.Supervisor.Signal("USR2");

        await Waiting.UntilAsync(
            async () => (await crew.Service.RunAsync("status", "--json")).Output.Contains(
                "\"upgrades\":1", StringComparison.Ordinal),
            "the upgrade");
        Assert.Equal(crew.Service.Supervisor.Pid, (await crew.Service.StatusAsync()).Supervisor.Pid);
        Assert.Equal(crew.FirstPids, (await crew.Service.StatusAsync()).Workers.Select(worker => worker.Pid));
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task TtinAndTtou_AddAndTakeAWorkerButNeverTheLast()
    {
        await using var crew = await Crew.StartAsync(Quick);
        await using var load = await SteadyLoad.StartAsync(crew.Service.Url);

        crew.Service.Supervisor.Signal("TTIN");
        await crew.Service.WaitForStatusAsync(now => now is { Operation: null, Workers.Count: 2 });
        await crew.AssertServeAsync(2, crew.First.Release!);

        crew.Service.Supervisor.Signal("TTOU");
        await crew.Service.WaitForStatusAsync(now => now is { Operation: null, Workers.Count: 1 });
        crew.Service.Supervisor.Signal("TTOU");
        await crew.Service.Supervisor.WaitForTextAsync("There are 1 workers already");
        await crew.AssertFirstServeOnAsync();
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Ttin_DuringARoll_IsFollowedAfterIt()
    {
        await using var crew = await Crew.StartAsync("""{ "workers": { "count": 2 }, "probation": { "duration_ms": 200 } }""");
        await using var load = await SteadyLoad.StartAsync(crew.Service.Url);
        var gate = await FaultMatrix.Gate.MakeAsync(crew.Folder, "ready");
        await using var deploy = crew.Service.Begin("deploy", gate.Release(crew.Folder), "--json");
        await gate.ArrivedAsync();

        crew.Service.Supervisor.Signal("TTIN");
        await gate.SayAsync("go");

        var result = Scene.ResultOf(await deploy.WaitAsync());
        await crew.Service.WaitForStatusAsync(now => now is { Operation: null, WorkerCount: 3, Workers.Count: 3 });
        await crew.AssertServeAsync(3, result.Release!);
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Winch_ThenResume_ClientsWaitAndAreServed()
    {
        await using var crew = await Crew.StartAsync(Quick);

        crew.Service.Supervisor.Signal("WINCH");
        await crew.Service.Supervisor.WaitForTextAsync("pause by signal WINCH: committed");

        // The kernel takes the connection, and no worker does.
        await using var client = await RawConnection.ConnectAsync(crew.Service.Url);
        var answer = client.AskAsync(Get);
        Assert.Equal(0, TcpSockets.Established(crew.FirstPids.Single(), crew.Service.Url.Port));
        Assert.False(answer.IsCompleted);

        Assert.Equal(0, (await crew.Service.RunAsync("resume")).ExitCode);
        Assert.Equal(200, (await answer).Status);
        await crew.AssertFirstServeOnAsync();
    }

    [Fact]
    public async Task Quit_IdleConnection_IsToldBeforeItIsClosed()
    {
        await using var crew = await Crew.StartAsync("""{ "drain": { "timeout_ms": 20000 } }""");
        await using var client = await RawConnection.ConnectAsync(crew.Service.Url);
        Assert.Equal(200, (await client.AskAsync(Get)).Status);

        crew.Service.Supervisor.Signal("QUIT");
        await crew.Service.Supervisor.WaitForTextAsync("Stopping, at the wish of");

        // The first answers may still come from before the worker was told; none is lost, and one of them says so.
        var last = await client.AskAsync(Get);
        while (last.Headers.GetValueOrDefault("Connection") != "close")
        {
            Assert.Equal(200, last.Status);
            last = await client.AskAsync(Get);
        }

        Assert.Equal(200, last.Status);
        Assert.Equal(0, (await crew.Service.Supervisor.WaitAsync()).ExitCode);
        Assert.DoesNotContain(crew.FirstPids, Processes.IsAlive);
    }
}
