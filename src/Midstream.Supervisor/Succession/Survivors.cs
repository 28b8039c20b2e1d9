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

    private const int ReadMaxBytes = 64 * 1024 * 1024;

    private readonly Dictionary<int, Listener> _sockets = [];

    /// <summary>Gets the listening sockets that were found.</summary>
    public IReadOnlyList<Listener> Sockets => [.. _sockets.Values.OrderBy(listener => listener.Id)];

    /// <summary>Takes over all that live. What cannot be taken over is ended, for it holds the service's sockets.</summary>
    /// <returns>The workers.</returns>
    public async Task<IReadOnlyList<Worker>> GatherAsync()
    {
        var known = register.ReadAll();
        var lost = new LostEntries(register, poller, observer);
        var again = await lost.FindAsync(known, s_patience);
        var found = await Task.WhenAll(known.Concat(again).Select(TakeOverAsync));
        return [.. found.OfType<Worker>()];
    }

    private async Task<Worker?> TakeOverAsync(WorkerRecord record)
    {
        if (ChildProcess.AdoptStranger(record.Pid, record.StartTime, poller) is not { } process)
        {
            register.Remove(record.Name);
            return null;
        }

        try
        {
            return await ReuniteAsync(record, process) ?? TakeByForce(record, process)
                ?? throw new IOException("It does not speak Midstream's protocol, and its descriptors may not be copied " +
                    "(that takes root or CAP_SYS_PTRACE)");
        }
        catch (IOException cannot)
        {
            observer.Warning("WorkerNotTakenOver", $"Worker {record.Name} (process {record.Pid}) cannot be taken over and is " +
                $"ended: {cannot.Message}.");
            process.SignalGroup(Signal.SIGKILL);
            await process.Exited;
            process.Dispose();
            register.Remove(record.Name);
            return null;
        }
    }

    private async Task<Worker?> ReuniteAsync(WorkerRecord record, ChildProcess process)
    {
        using var patience = new CancellationTokenSource(s_patience);
        WorkerChannel? channel = null;
        try
        {
            channel = new WorkerChannel(SeqPacketListener.Connect(register.SocketOf(record.Name), poller));
            await channel.SendAsync(new IdentifyMessage(WithDescriptors: true), patience.Token);
            FileDescriptor? output = null;
            FileDescriptor? read = null;
            while (await channel.ReceiveAsync(patience.Token) is { } received)
            {
                using (received)
                {
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
                            return Adopt(record, process, channel, output, read, PastOf(identity));
                    }
                }
            }
        }
        catch (Exception mute) when (mute is OperationCanceledException or IOException)
        {
            // Somebody who does not speak with us.
        }

        if (channel is not null)
            await channel.DisposeAsync();
        return null;
    }

    // A program that does not speak with us has the same descriptors in the same places, from 3 on.
    private Worker? TakeByForce(WorkerRecord record, ChildProcess process)
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
        var (channel, remote) = SeqPacketChannel.CreatePair(poller);
        remote.Dispose();
        copies[^3]!.Dispose();
        copies[^2]!.Dispose();
        return Adopt(
            record, process, new WorkerChannel(channel), copies[^1], null, new WorkerPast(GenerationState.Serving, null, null));
    }

    private Worker Adopt(
        WorkerRecord record, ChildProcess process, WorkerChannel channel, FileDescriptor? output, FileDescriptor? read,
        WorkerPast past)
    {
        var pending = LogWhatWasRead(record.Name, read);
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

    // Whole lines go to the log; the beginning of an unfinished one is kept for what follows it in the pipe.
    private byte[] LogWhatWasRead(WorkerName worker, FileDescriptor? read)
    {
        if (read is null)
            return [];
        using (read)
        {
            var bytes = MemoryFile.Read(read, ReadMaxBytes);
            var end = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
            if (end > 0)
                log.Write(OutputLog.NameOf(worker), bytes.AsSpan(0, end - 1));
            var pending = bytes.AsSpan(end);
            return pending.Length <= OutputLines.LineMax ? pending.ToArray() : [];
        }
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
            { GateIsOpen: true } => GenerationState.Serving,
            { IsReady: true } => GenerationState.Ready,
            _ => GenerationState.Starting,
        },
        identity.Hello.Capabilities,
        ReadyInMs: null,
        identity.Hello.HoldsLease == true);
}
