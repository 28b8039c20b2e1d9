using Midstream.FunctionalTests.Succession;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.FaultMatrix;

/// <summary>A supervisor that was killed, the next one, and a fault: of a worker that is to be taken over, of the next
/// supervisor, or of what is around them.</summary>
internal sealed class TakeOverAttempt
{
    private const int Workers = 2;
    private const string Options =
        """ "stop": { "timeout_ms": 5000 }, "drain": { "timeout_ms": 5000 }, "probation": { "duration_ms": 50 }, """;

    private readonly Cell _cell;
    private readonly Surroundings _surroundings;

    private TakeOverAttempt(Cell cell, Surroundings surroundings, SuccessionScene scene)
    {
        _cell = cell;
        _surroundings = surroundings;
        Scene = scene;
    }

    /// <summary>Gets the service.</summary>
    public SuccessionScene Scene { get; }

    /// <summary>Starts a service that the fault can come to.</summary>
    public static async Task<TakeOverAttempt> StartAsync(Cell cell, Surroundings surroundings)
    {
        var scene = await SuccessionScene.StartAsync(Workers, Options, surroundings: surroundings);
        return new TakeOverAttempt(cell, surroundings, scene);
    }

    /// <summary>Kills the supervisor, lets the fault come, and starts the next one until it has taken over.</summary>
    public async Task RunAsync()
    {
        await Scene.KillSupervisorAsync();
        switch (_cell.Fault)
        {
            case MatrixFault.Exits:
                await RunAfterAWorkersExitAsync();
                return;
            case MatrixFault.IsKilled:
                await RunAfterAnotherWasKilledAsync();
                break;
            case MatrixFault.Hangs:
                await RunWithAHungWorkerAsync();
                break;
            case MatrixFault.WritesRubbish:
                await RunWithAWorkerThatTalksRubbishAsync();
                break;
            case MatrixFault.NoDescriptors:
                await RunWithEverMoreDescriptorsAsync();
                break;
            default:
                await RunInFailingSurroundingsAsync();
                break;
        }

        await AssertWorkersAreTheSameAsync();
    }

    private async Task RunAfterAWorkersExitAsync()
    {
        var gone = Scene.First.Workers[^1].Pid;
        Processes.Signal(gone, "TERM");
        await Eventually.HoldsAsync(() => !Processes.IsAlive(gone), () => "The worker does not exit.");

        await Scene.RunAsync();

        await Scene.Service.WaitForStatusAsync(now => now is { Operation: null, Workers.Count: Workers });
    }

    // The one that is killed has the sockets already, and waits for a worker that stands still.
    private async Task RunAfterAnotherWasKilledAsync()
    {
        var (awake, still) = (Scene.First.Workers[0].Pid, Scene.First.Workers[1].Pid);
        var sockets = Processes.Descriptors(awake).Select(open => open.Target)
            .Where(target => target.StartsWith("socket:", StringComparison.Ordinal)).ToHashSet();
        Processes.Signal(still, "STOP");
        var next = Scene.Launch().Supervisor;
        await Eventually.HoldsAsync(
            () => Processes.Descriptors(next.Pid).Any(open => sockets.Contains(open.Target)), () => "It takes nothing over.");

        await SuccessionScene.KillAsync(next.Pid);
        Processes.Signal(still, "CONT");
        await Scene.RunAsync();
    }

    // When it goes on it is a worker like others again: its connections move.
    private async Task RunWithAHungWorkerAsync()
    {
        var hung = Scene.First.Workers[^1];
        Processes.Signal(hung.Pid, "STOP");

        await Scene.RunAsync();
        Processes.Signal(hung.Pid, "CONT");

        await Scene.Service.WaitForStatusAsync(now => now.Workers.All(worker => worker.HandsOver));
    }

    // Somebody answers in the worker's place who has nothing to say.
    private async Task RunWithAWorkerThatTalksRubbishAsync()
    {
        var worker = Scene.First.Workers[^1];
        var talking = RunningProgram.Start("python3", ["-c", Rubbish, Scene.InState("workers", $"{worker.Name}.sock")]);
        await using (talking)
        {
            await talking.WaitForTextAsync("there");
            await Scene.RunAsync();
        }
    }

    private const string Rubbish = """
        import os, socket, sys
        path = sys.argv[1]
        os.rename(path, path + ".away")
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listening.bind(path)
        listening.listen()
        print("there", flush=True)
        connection, _ = listening.accept()
        os.rename(path + ".away", path)
        for text in (b"rubbish", b"{", b"null", b"[]", b'{"type":"no-such"}', b'{"type":"identity"}', os.urandom(60000)):
            connection.send(text)
        connection.recv(1000)
        while connection.recv(1000):
            pass
        """;

    private async Task RunWithEverMoreDescriptorsAsync()
    {
        const int First = 8;
        const int Step = 2;
        var refused = 0;
        for (var limit = First; ; limit += Step)
        {
            var service = Scene.Launch(descriptorsMax: limit);
            if (await ServesAsync(service))
                break;
            refused++;
            Assert.All(Scene.First.Workers, worker => Assert.True(
                Processes.IsAlive(worker.Pid), $"{worker.Name} is gone, with {limit} descriptors.\n{service.Supervisor.Error}"));
        }

        Assert.True(refused > 0, "There were always enough descriptors: no proof.");
        await _surroundings.RecoverAsync(Scene.Service);
    }

    private static async Task<bool> ServesAsync(MidstreamService service)
    {
        var ended = service.Supervisor.WaitAsync();
        var serves = service.Supervisor.WaitForTextAsync(" serves ");
        if (await Task.WhenAny(ended, serves) == serves && serves.IsCompletedSuccessfully)
            return true;
        _ = serves.ContinueWith(static never => _ = never.Exception, TaskScheduler.Default);
        Assert.NotEqual(0, (await ended).ExitCode);
        return false;
    }

    private async Task RunInFailingSurroundingsAsync()
    {
        await _surroundings.FailAsync(Scene.Service);

        await Scene.RunAsync();

        if (_surroundings.Clock is not null)
            JumpingClock.AssertSeen(Assert.Single(Scene.Ledger("take-over")).At, Surroundings.Jump);
        await _surroundings.RecoverAsync(Scene.Service);
    }

    private async Task AssertWorkersAreTheSameAsync()
    {
        var status = await Scene.Service.WaitForStatusAsync(now => now.Operation is null);
        Assert.Equal(
            Scene.First.Workers.Select(worker => worker.Pid).Order(), status.Workers.Select(worker => worker.Pid).Order());
    }
}
