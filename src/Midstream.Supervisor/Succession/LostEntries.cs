using Midstream.Control.Workers;
using Midstream.Linux;
using Midstream.Supervisor.State;

namespace Midstream.Supervisor.Succession;

/// <summary>
/// Finds the workers that live but whose entry in the register is lost, by the sockets on which they await a supervisor: they say
/// themselves who they are.
/// </summary>
internal sealed class LostEntries(WorkerRegister register, FdPoller poller, ISupervisorObserver observer)
{
    /// <summary>Finds them, and enters them again.</summary>
    /// <param name="known">The entries there are: what all workers have in common, the sockets, is known from these.</param>
    /// <param name="patience">How long each has for an answer.</param>
    /// <returns>The entries found. A worker about whose sockets nothing is known is ended: it would keep the addresses.</returns>
    public async Task<IReadOnlyList<WorkerRecord>> FindAsync(IReadOnlyList<WorkerRecord> known, TimeSpan patience)
    {
        var found = await Task.WhenAll(register.SocketsWithoutEntry().Select(socket => FindAsync(socket, known, patience)));
        return [.. found.OfType<WorkerRecord>()];
    }

    private async Task<WorkerRecord?> FindAsync(string socket, IReadOnlyList<WorkerRecord> known, TimeSpan patience)
    {
        var sockets = known.MaxBy(record => record.Generation)?.Sockets;
        if (await AskAsync(socket, patience) is not { } identity
            || ProcessStat.TryRead(identity.Pid) is not { } process)
        {
            await EndMuteAsync(socket);
            File.Delete(socket);
            return null;
        }

        var record = new WorkerRecord(
            identity.Generation, identity.Slot, identity.Release, identity.Pid, process.StartTime, DateTimeOffset.UtcNow,
            sockets ?? []);
        // A worker has inherited the service's sockets, as the others have; whoever has not only says that it is one.
        if (known.Count > 0 && !known.Any(worker => ProcessDescriptors.ShareASocket(record.Pid, worker.Pid)))
        {
            observer.Warning("StrangerRefused", $"Process {record.Pid} says that it is worker {record.Name}, and has none of " +
                "the service's sockets. It is not believed.");
            File.Delete(socket);
            return null;
        }

        if (sockets is not null)
        {
            register.Add(record);
            return record;
        }

        observer.Warning("WorkerNotTakenOver", $"Worker {record.Name} (process {record.Pid}) is ended: its entry in the " +
            "register is lost.");
        await EndAsync(record);
        register.Remove(record.Name);
        return null;
    }

    // The supervisor was killed between the process's start and its entry, and the process does not speak with us, or not yet. It
    // has never taken traffic through a gate; it holds the sockets.
    private async Task EndMuteAsync(string socket)
    {
        foreach (var pid in ProcessEnvironment.FindStartedWith(WorkerRegister.VariableName, socket))
        {
            if (ProcessStat.TryRead(pid) is not { } process)
                continue;
            observer.Warning("WorkerNotTakenOver", $"Process {pid} was being started when the supervisor was killed; " +
                "it is ended.");
            using var worker = ChildProcess.AdoptStranger(pid, process.StartTime, poller);
            worker?.Signal(Signal.SIGKILL);
            if (worker is not null)
                await worker.Exited;
        }
    }

    private async Task EndAsync(WorkerRecord record)
    {
        using var worker = ChildProcess.AdoptStranger(record.Pid, record.StartTime, poller);
        worker?.SignalGroup(Signal.SIGKILL);
        if (worker is not null)
            await worker.Exited;
    }

    private async Task<IdentityMessage?> AskAsync(string socket, TimeSpan within)
    {
        using var patience = new CancellationTokenSource(within);
        try
        {
            await using var channel = new WorkerChannel(SeqPacketListener.Connect(socket, poller));
            await channel.SendAsync(new IdentifyMessage(WithDescriptors: false), patience.Token);
            while (await channel.ReceiveAsync(patience.Token) is { } received)
            {
                using (received)
                {
                    if (received.Message is IdentityMessage identity)
                        return identity;
                }
            }
        }
        catch (Exception nobody) when (nobody is OperationCanceledException or IOException)
        {
            // The socket is all that is left.
        }

        return null;
    }
}
