using Midstream.Control.Workers;
using Midstream.Core.Generations;
using Midstream.Linux;
using Midstream.Supervisor.Logs;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.State;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Succession;

/// <summary>
/// Finds the workers whose supervisor was killed, and takes them over from themselves: each gives the listening sockets it holds
/// and the reading end of its own output, and says how it stands.
/// </summary>
internal sealed class Survivors(
    WorkerRegister register, FdPoller poller, OutputLog log, ISupervisorObserver observer)
{
    // A worker that is busy answers late; one that is no worker of ours never does.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    // Fewer, and nobody can be taken over: who is asked sends several at once.
    private const int SpareDescriptorsMin = 8;

    private readonly Dictionary<int, Listener> _sockets = [];

    /// <summary>Gets the listening sockets that were found.</summary>
    public IReadOnlyList<Listener> Sockets => [.. _sockets.Values.OrderBy(listener => listener.Id)];

    /// <summary>Takes over all that live. What cannot be taken over is ended, for it holds the service's sockets.</summary>
    /// <returns>The workers.</returns>
    /// <exception cref="SupervisorException">This process has too few descriptors; the workers serve on.</exception>
    public async Task<IReadOnlyList<Worker>> GatherAsync()
    {
        try
        {
            var known = register.ReadAll();
            // Before anything is asked of anybody: who runs out of them half-way cannot tell that from a worker that is mute.
            DescriptorReserve.Hold(DescriptorsNeeded(known)).Dispose();
            var lost = new LostEntries(register, poller, observer);
            var again = await lost.FindAsync(known, s_patience);
            var found = await Task.WhenAll(known.Concat(again).Select(TakeOverAsync));
            return [.. found.OfType<Worker>()];
        }
        catch (IOException cannot) when (LacksDescriptors(cannot))
        {
            throw new SupervisorException(
                SupervisorFailure.FirstStartFailed,
                "The workers that are there cannot be taken over: this process may not have so many descriptors. They serve " +
                    "on. Raise the limit (ulimit -n, LimitNOFILE=) and run this again.");
        }
    }

    // Each gives its sockets and its output, by itself or by force; all at once.
    private static int DescriptorsNeeded(IReadOnlyList<WorkerRecord> workers)
    {
        const int PerWorker = 10;
        return SpareDescriptorsMin + workers.Sum(worker => PerWorker + (2 * worker.Sockets.Count));
    }

    private async Task<Worker?> TakeOverAsync(WorkerRecord record)
    {
        if (ChildProcess.AdoptStranger(record.Pid, record.StartTime, poller) is not { } process)
        {
            register.Remove(record.Name);
            return null;
        }

        WorkerChannel? channel = null;
        try
        {
            channel = TryConnect(record);
            var (worker, isStranger) = await ReuniteAsync(record, process, channel);
            if (worker is not null)
                return worker;
            if (isStranger)
            {
                observer.Warning("StrangerRefused", $"Another process answers on the socket of worker {record.Name} (process " +
                    $"{record.Pid}). What it says is not believed.");
                await channel!.DisposeAsync();
                channel = null;
            }

            return TakeByForce(record, process, channel)
                ?? throw new IOException("It does not speak Midstream's protocol, and its descriptors may not be copied " +
                    "(that takes root or CAP_SYS_PTRACE)");
        }
        // That this process has no descriptors is no reason to end one that serves.
        catch (IOException cannot) when (!LacksDescriptors(cannot))
        {
            observer.Warning("WorkerNotTakenOver", $"Worker {record.Name} (process {record.Pid}) cannot be taken over and is " +
                $"ended: {cannot.Message}.");
            process.SignalGroup(Signal.SIGKILL);
            await process.Exited;
            process.Dispose();
            if (channel is not null)
                await channel.DisposeAsync();
            register.Remove(record.Name);
            return null;
        }
    }

    // By what has failed, for others may have given theirs back meanwhile; and by what there is, for not every failure says why.
    private static bool LacksDescriptors(Exception cause)
    {
        if (cause is LinuxException { Errno: Errno.EMFILE or Errno.ENFILE })
            return true;
        try
        {
            DescriptorReserve.Hold(SpareDescriptorsMin).Dispose();
            return false;
        }
        catch (LinuxException)
        {
            return true;
        }
    }

    private WorkerChannel? TryConnect(WorkerRecord record)
    {
        try
        {
            return new WorkerChannel(SeqPacketListener.Connect(register.SocketOf(record.Name), poller));
        }
        catch (LinuxException nobody) when (!LacksDescriptors(nobody))
        {
            return null;
        }
    }

    // No worker when it does not answer, or not as a worker does.
    private async Task<(Worker? Worker, bool IsStranger)> ReuniteAsync(
        WorkerRecord record, ChildProcess process, WorkerChannel? channel)
    {
        if (channel is null)
            return default;
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            await channel.SendAsync(new IdentifyMessage(WithDescriptors: true), patience.Token);
            FileDescriptor? output = null;
            FileDescriptor? read = null;
            while (await channel.ReceiveAsync(patience.Token) is { } received)
            {
                using (received)
                {
                    // Whoever has the user's rights can put a socket of its own in the place of the worker's.
                    if (channel.IsHeldBy(record.Pid) == false)
                        return (null, IsStranger: true);
                    switch (received.Message)
                    {
                        case SocketMessage socket:
                            Keep(record, socket.Listener, received.TakeDescriptor());
                            break;
                        case OutputMessage:
                            output = received.TakeDescriptor();
                            read = received.TakeDescriptor(1);
                            break;
                        case IdentityMessage identity:
                            return (Adopt(record, process, channel, output, read, PastOf(identity)), IsStranger: false);
                    }
                }
            }
        }
        catch (Exception mute) when (mute is OperationCanceledException || (mute is IOException && !LacksDescriptors(mute)))
        {
            // Somebody who does not speak with us, or who stands still.
        }

        return default;
    }

    // A program that does not speak with us has the same descriptors in the same places, from 3 on. The channel stays open: who
    // only stood still answers in it when it goes on, and is a worker like others then.
    private Worker? TakeByForce(WorkerRecord record, ChildProcess process, WorkerChannel? channel)
    {
        const int First = 3;
        var copies = Enumerable.Range(First, record.Sockets.Count + 3)
            .Select(number => ProcessDescriptors.TryCopyFrom(record.Pid, number)).ToList();
        if (copies.Contains(null))
        {
            copies.ForEach(copy => copy?.Dispose());
            return null;
        }

        for (var index = 0; index < record.Sockets.Count; index++)
            Keep(record, record.Sockets[index].Id, copies[index]);
        // What was connected to was not the worker's own socket.
        if (ListeningSocket.IsReachedBy(copies[^2]!, register.SocketOf(record.Name)) == false)
            channel = null;
        copies[^3]!.Dispose();
        copies[^2]!.Dispose();
        return Adopt(
            record, process, channel ?? DeadChannel(), copies[^1], null, new WorkerPast(GenerationState.Serving, null, null));
    }

    private WorkerChannel DeadChannel()
    {
        var (channel, remote) = SeqPacketChannel.CreatePair(poller);
        remote.Dispose();
        return new WorkerChannel(channel);
    }

    private Worker Adopt(
        WorkerRecord record, ChildProcess process, WorkerChannel channel, FileDescriptor? output, FileDescriptor? read,
        WorkerPast past)
    {
        var pending = WorkerOutput.LogWhatWasRead(record.Name, read, log);
        var reader = output is null ? WorkerOutput.Open(record.Name, poller, log, observer).Output
            : WorkerOutput.Adopt(record.Name, output, pending, poller, log, observer);
        return new Worker(new WorkerBirth(
            record.Name,
            record.Release,
            record.StartedAt,
            new WorkerProcess(process, channel, new NotifyListener(poller), reader),
            () => register.Remove(record.Name),
            past with { Slot = record.Slot }));
    }

    private void Keep(WorkerRecord record, int id, FileDescriptor? socket)
    {
        lock (_sockets)
        {
            var description = record.Sockets.FirstOrDefault(known => known.Id == id);
            if (socket is null || description is null || !_sockets.TryAdd(id, Listener.FromRecord(description, socket)))
                socket?.Dispose();
        }
    }

    private static WorkerPast PastOf(IdentityMessage identity) => new(
        identity switch
        {
            { IsDraining: true } => GenerationState.Draining,
            { GateIsOpen: true } or { IsPaused: true } => GenerationState.Serving,
            { IsReady: true } => GenerationState.Ready,
            _ => GenerationState.Starting,
        },
        identity.Hello.Capabilities,
        ReadyInMs: null,
        identity.Hello.HoldsLease == true,
        identity.IsPaused == true);
}
