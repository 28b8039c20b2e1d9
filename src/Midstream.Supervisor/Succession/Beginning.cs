using Midstream.Linux;
using Midstream.Supervisor.Logs;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.State;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Succession;

/// <summary>
/// What a supervisor begins with: nothing; or what the program before it in this process has left; or the workers of a supervisor
/// that was killed.
/// </summary>
/// <param name="Lock">The state directory's lock.</param>
/// <param name="Sockets">The listening sockets there are.</param>
/// <param name="Workers">The workers there are.</param>
/// <param name="Control">The control socket; null when it is to be opened.</param>
/// <param name="Estate">What the program before has left; null when there was none.</param>
internal sealed record Beginning(
    FileLock Lock,
    IReadOnlyList<Listener> Sockets,
    IReadOnlyList<Worker> Workers,
    FileDescriptor? Control,
    Estate? Estate)
{
    /// <summary>Gets whether the service is paused. After a kill the workers know it: it may have come in the middle of the
    /// pausing.</summary>
    public bool IsPaused => Estate?.IsPaused ?? Workers.Any(worker => worker.WasPaused);

    /// <summary>Begins with what the program before has left.</summary>
    /// <param name="open">What it left.</param>
    /// <param name="register">Knows the workers.</param>
    /// <param name="poller">Waits for them.</param>
    /// <param name="log">Takes their lines.</param>
    /// <param name="observer">Takes them as well.</param>
    /// <returns>The beginning.</returns>
    public static Beginning From(
        OpenEstate open, WorkerRegister register, FdPoller poller, OutputLog log, ISupervisorObserver observer) => new(
        FileLock.Continue(open[open.Estate.Lock]),
        [.. open.Estate.Sockets.Select(socket => Listener.FromRecord(socket.Record, open[socket.Descriptor]))],
        [.. open.Estate.Workers.Select(worker => Adopt(worker, open, register, poller, log, observer)).OfType<Worker>()],
        open[open.Estate.Control],
        open.Estate);

    /// <summary>Begins with the workers of a supervisor that was killed, or with nothing.</summary>
    /// <param name="heldLock">The state directory's lock.</param>
    /// <param name="survivors">Finds them.</param>
    /// <returns>The beginning.</returns>
    public static async Task<Beginning> FromAsync(FileLock heldLock, Survivors survivors)
    {
        var workers = await survivors.GatherAsync();
        return new Beginning(heldLock, survivors.Sockets, workers, Control: null, Estate: null);
    }

    private static Worker? Adopt(
        EstateWorker worker, OpenEstate open, WorkerRegister register, FdPoller poller, OutputLog log,
        ISupervisorObserver observer)
    {
        var name = new WorkerName(worker.Generation, worker.StartedFor ?? worker.Slot);
        if (ChildProcess.AdoptStranger(worker.Pid, worker.StartTime, poller) is not { } process)
            return null;
        return new Worker(new WorkerBirth(
            name,
            worker.Release,
            worker.StartedAt,
            new WorkerProcess(
                process,
                new(new SeqPacketChannel(open[worker.Channel], poller)),
                new NotifyListener(open[worker.Notify], worker.NotifyAddress, poller),
                WorkerOutput.Adopt(name, open[worker.Output], worker.PendingOutput, poller, log, observer)),
            () => register.Remove(name),
            new WorkerPast(worker.State, worker.Capabilities, worker.ReadyInMs, worker.HoldsLease, Slot: worker.Slot,
                IsLeaseInDoubt: worker.LeaseInDoubt == true, IsStateInDoubt: worker.StateInDoubt == true)));
    }
}
