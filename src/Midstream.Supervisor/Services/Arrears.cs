using Midstream.Supervisor.Deployments;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Services;

/// <summary>
/// What could not be done at its time is done as soon as it can be: the state is written once the disk takes it again, a worker
/// that did not answer is put in charge of its state, and the singular services are started where the last attempt failed. Until
/// it is written, a restart would find what was written last, which is safe but is not what serves: a commit that was not
/// written is gone back on.
/// </summary>
internal sealed class Arrears(
    ServiceSituation situation, OperationSlot slot, LeaseHolder lease, TimeProvider time, ISupervisorObserver observer)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_workersInterval = TimeSpan.FromSeconds(10);

    private long _workersTried = time.GetTimestamp();

    /// <summary>Tries until the supervisor stops.</summary>
    /// <param name="stopping">The supervisor stops.</param>
    /// <returns>A task that ends then.</returns>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                // An operation writes what it is about to do, and that includes what is owed; and it passes the lease on.
                if (slot.Current is null)
                    await TryAsync(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            situation.WriteOwed();
        }
    }

    private async Task TryAsync(CancellationToken stopping)
    {
        situation.WriteOwed();
        if (time.GetElapsedTime(_workersTried) < s_workersInterval)
            return;
        _workersTried = time.GetTimestamp();
        foreach (var worker in situation.Pool.Serving.Where(worker => worker.IsStateInDoubt))
            await StateHandOver.TryKeepAsync(worker);
        if (lease.IsInDoubt)
            await TryLeaseAsync(stopping);
    }

    private async Task TryLeaseAsync(CancellationToken stopping)
    {
        try
        {
            await lease.ConfirmAsync(situation.Serving, stopping);
        }
        catch (WorkerFailedException failed)
        {
            observer.Warning("LeaseNotTaken", failed.Message);
        }
    }
}
