using System.Diagnostics.CodeAnalysis;
using Midstream.Linux;
using Midstream.Supervisor.Deployments;
using Midstream.Supervisor.Logs;
using Midstream.Supervisor.Operators;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Signals;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Succession;

/// <summary>
/// The way out of a program that another one follows in the same process: everything that reads is stopped where it stands,
/// everything that is open is written down, a guard is set up, and the process becomes the new program.
/// </summary>
internal sealed class Departure(
    ServiceSituation situation,
    Service service,
    ListenerSet listeners,
    OperatorServer operators,
    OutputLog log,
    LeaseHolder lease,
    Telemetry telemetry,
    Upkeep upkeep,
    StatusReport status,
    SignalDesk signals,
    StopWishes wishes,
    ServiceSettings settings,
    IProcessSpawner spawner,
    FileLock heldLock)
{
    // A wish to stop that came when this program was on its way already is the next one's to follow.
    private IReadOnlyList<string> Waiting => [.. signals.Waiting, .. wishes.Waiting];

    /// <summary>Says how many descriptors a departure takes.</summary>
    /// <param name="listeners">The number of listening sockets.</param>
    /// <param name="workers">The number of workers.</param>
    /// <returns>Enough for the guard's copies, each staged once, and for what is opened besides.</returns>
    public static int DescriptorsNeeded(int listeners, int workers)
    {
        const int Besides = 16;
        const int PerWorker = 5;
        return Besides + listeners + (PerWorker * workers);
    }

    /// <summary>Leaves.</summary>
    /// <param name="wish">What follows, and for whom.</param>
    /// <returns>Never.</returns>
    public async Task LeaveAsync(UpgradeWish wish)
    {
        var control = await operators.ReleaseAsync(except: wish.Connection is null ? 0 : 1);
        wish.Reserve.Dispose();
        var living = situation.Pool.Workers.Where(worker => !worker.Exited.IsCompleted);
        var remains = await Task.WhenAll(living.Select(worker =>
            worker.ReleaseAsync(lease.Holder == worker, lease.Holder == worker && lease.IsInDoubt)));
        telemetry.Save();
        await log.FlushAsync();
        log.Dispose();
        Become(wish, control, remains);
    }

    [DoesNotReturn]
    private void Become(UpgradeWish wish, FileDescriptor control, IReadOnlyList<WorkerRemains> remains)
    {
        var own = ProcessImage.OpenSelf();
        var open = new List<FileDescriptor> { own, control, heldLock.Descriptor };
        open.AddRange(listeners.All.Select(listener => listener.Socket));
        foreach (var process in remains.Select(worker => worker.Process))
            open.AddRange([process.Channel, process.Notify, process.Output]);
        if (wish.Connection is { } connection)
            open.Add(connection);
        var estate = Describe(wish, control, own, remains);
        var (guard, word) = Guard.Start(spawner, estate, open.ToDictionary(descriptor => descriptor.Number));
        open.Add(word);
        estate = estate with
        {
            Guard = new EstateGuard(guard.Pid, guard.StartTime, word.Number),
            Signals = Waiting,
        };
        new OpenEstate(estate, open).PassTo(wish.Program);
    }

    private Estate Describe(
        UpgradeWish wish, FileDescriptor control, FileDescriptor own, IReadOnlyList<WorkerRemains> remains) => new(
        Estate.CurrentFormat,
        situation.State.Service,
        StatusReport.Version,
        status.StartedAt,
        service.Deployments,
        upkeep.Restarts,
        status.Upgrades + 1,
        situation.IsPaused,
        heldLock.Descriptor.Number,
        control.Number,
        own.Number,
        [.. listeners.All.Select(listener => new EstateSocket(listener.Socket.Number, listener.ToRecord()))],
        [.. remains.Select(Describe)],
        new EstateAsked(
            wish.Operation.Who.Name, wish.Operation.Who.Uid, wish.Operation.Since, wish.Connection?.Number,
            Environment.TickCount64 - wish.Operation.ElapsedMs),
        (long)settings.Model.Upgrade.Timeout.TotalMilliseconds,
        Waiting,
        PidFile: settings.Model.PidFile);

    private static EstateWorker Describe(WorkerRemains worker) => new(
        worker.Name.Generation,
        worker.Past.Slot ?? worker.Name.Slot,
        worker.Release,
        worker.StartedAt,
        worker.Process.Pid,
        worker.Process.StartTime,
        worker.Past.State,
        worker.Past.Capabilities,
        worker.Past.ReadyInMs,
        worker.Past.HoldsLease,
        worker.Process.Channel.Number,
        worker.Process.Notify.Number,
        worker.Process.NotifyAddress,
        worker.Process.Output.Number,
        worker.Process.PendingOutput,
        worker.Past.Slot == worker.Name.Slot ? null : worker.Name.Slot,
        worker.Past.IsLeaseInDoubt ? true : null,
        worker.Past.IsStateInDoubt ? true : null);
}
