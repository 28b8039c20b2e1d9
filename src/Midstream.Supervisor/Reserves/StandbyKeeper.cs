using Midstream.Core.Deployments;
using Midstream.Core.Reserves;
using Midstream.Core.Restarts;
using Midstream.Releases;
using Midstream.Supervisor.Deployments;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Reserves;

/// <summary>
/// Keeps one standby of the current release where the configuration asks for it, in the background: no operation waits for it,
/// and its failures are not the service's. The decisions are <see cref="StandbyTable"/>'s, the delays
/// <see cref="RestartPolicy"/>'s.
/// </summary>
/// <param name="settings">Says whether there is to be one.</param>
/// <param name="situation">Says of which release.</param>
/// <param name="slot">While an operation is under way, nothing is begun.</param>
/// <param name="store">Has the release.</param>
/// <param name="reserve">Where it waits.</param>
/// <param name="starter">Starts it.</param>
/// <param name="time">Measures delays.</param>
/// <param name="observer">Told of what becomes of it.</param>
internal sealed class StandbyKeeper(
    ServiceSettings settings,
    ServiceSituation situation,
    OperationSlot slot,
    IReleaseStore store,
    Reserve reserve,
    ReserveStarter starter,
    TimeProvider time,
    ISupervisorObserver observer)
{
    private static readonly Unheard s_unheard = new();

    private readonly long _began = time.GetTimestamp();
    private readonly List<DateTimeOffset> _failures = [];

    // What it was given up for, or cannot be had for; tried again when something of it changes.
    private (string? Release, object Model)? _without;

    /// <summary>Keeps it until the supervisor stops.</summary>
    /// <param name="stopping">The supervisor stops.</param>
    /// <returns>A task that ends then. Who waits in the reserve still waits there.</returns>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
                await LookAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Nobody is to stand by any more.
        }
    }

    private async Task LookAsync(CancellationToken stopping)
    {
        // Taken before anything is looked at: what changes from here on wakes the wait below.
        var (poolChanged, reserveChanged) = (situation.Pool.Changed, reserve.Changed);
        var operation = slot.Current;
        var standby = reserve.Waiting.FirstOrDefault(waiting => waiting.IsStandby);
        if (standby is { Worker.Exited.IsCompleted: true })
        {
            await BuryAsync(standby, stopping);
            return;
        }

        if (_without is { } without && without != (situation.State.Current, (object)settings.Model))
            (_without, reserve.Problem) = (null, null);
        switch (StandbyTable.Decide(Facts(operation, standby)))
        {
            case StandbyStep.End:
                await reserve.EndAsync([standby!]);
                return;
            case StandbyStep.Start when _without is null:
                await StartAsync(stopping);
                return;
            case StandbyStep.Report when _without is null:
                GiveUp("The program accepts as soon as it listens, so none can be kept ready without taking traffic " +
                    "(workers.standby). ASP.NET Core applications have a gate behind which one can wait.");
                return;
        }

        List<Task> news = [poolChanged, reserveChanged];
        if (operation is not null)
            news.Add(operation.Ended);
        if (standby is not null)
            news.Add(standby.Worker.Exited);
        await Task.WhenAny(news).WaitAsync(stopping);
    }

    private StandbyFacts Facts(Operation? operation, Reservist? standby)
    {
        var serving = situation.Pool.Serving;
        return new StandbyFacts(
            operation is not null,
            standby is null ? StandbyThere.None
                : reserve.IsFitting(standby, situation.State.Current) ? StandbyThere.Fitting : StandbyThere.Stale,
            serving.Count == 0 ? StandbyService.Down
                : serving.Any(worker => !worker.SpeaksMidstream) ? StandbyService.WithoutGate : StandbyService.BehindGates,
            settings.Model.Workers.Standby);
    }

    private async Task StartAsync(CancellationToken stopping)
    {
        try
        {
            var release = store.Find(situation.State.Current!);
            await starter.StartAsync([new WorkerName(situation.NextGeneration(), Slot: 0)], release, s_unheard, stopping);
            reserve.Problem = null;
        }
        catch (WorkerFailedException failed)
        {
            await FailedAsync(failed.Message, stopping);
        }
        catch (Exception failed) when (failed is ReleaseStoreException or ObjectDisposedException)
        {
            // Somebody has removed the release from the store, or a reload has closed a socket under the start.
            await FailedAsync(failed.Message, stopping);
        }
    }

    private async Task BuryAsync(Reservist standby, CancellationToken stopping)
    {
        var worker = standby.Worker;
        var how = $"Standby {worker.Name} (process {worker.Pid}) {await worker.Exited}.";
        await reserve.EndAsync([standby]);
        await FailedAsync(how, stopping);
    }

    private async Task FailedAsync(string how, CancellationToken stopping)
    {
        var now = DateTimeOffset.UnixEpoch + time.GetElapsedTime(_began);
        _failures.RemoveAll(failure => now - failure > settings.Model.Restart.Window);
        _failures.Add(now);
        var decision = new RestartPolicy(settings.Model.Restart).Decide(_failures, now);
        if (decision.GiveUp)
        {
            _failures.Clear();
            GiveUp($"{how} That was once too often (restart.crashes_max); one is tried again after the next deployment or " +
                "reload.");
            return;
        }

        reserve.Problem = how;
        observer.Warning("StandbyFailed", $"{how} What serves has not noticed; another is started in " +
            $"{decision.Delay.TotalMilliseconds:0} ms.");
        await Task.Delay(decision.Delay, time, stopping);
    }

    private void GiveUp(string why)
    {
        _without = (situation.State.Current, settings.Model);
        reserve.Problem = $"There is no standby: {why}";
        observer.Warning("NoStandby", reserve.Problem);
    }

    // Nobody follows the phases of what happens in the background.
    private sealed class Unheard : IPhaseProgress
    {
        public long ElapsedMs => 0;

        public void Enter(DeploymentPhase phase, string? detail = null)
        {
            // Nobody asked.
        }

        public void Launched(Worker worker)
        {
            // The reserve knows of it.
        }
    }
}
