using Midstream.Control.Operators;
using Midstream.Control.Workers;
using Midstream.Core.Configuration;
using Midstream.Core.Deployments;
using Midstream.Linux;
using Midstream.Releases;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Deployments;

/// <summary>What a roll is to do.</summary>
/// <param name="Release">The release of the new workers.</param>
/// <param name="Generation">Their generation.</param>
/// <param name="Slots">The slots they are for: each is empty, or its worker is replaced.</param>
internal sealed record RollPlan(StoredRelease Release, long Generation, IReadOnlyList<int> Slots);

/// <summary>How far a roll came.</summary>
/// <param name="InPlace">The new workers that have their slots.</param>
/// <param name="Report">What became of the old workers' connections, summed up; null when nobody could tell.</param>
/// <param name="ReplacedInMs">From the operation's beginning to the end of the last drain, in milliseconds; null when nothing was
/// replaced.</param>
/// <param name="Failure">Why it came no further; null when it is complete.</param>
internal sealed record RollOutcome(
    IReadOnlyList<Worker> InPlace, DrainReport? Report, long? ReplacedInMs, WorkerFailedException? Failure)
{
    /// <summary>Gets how state was handed over; null when none was.</summary>
    public StateReport? State { get; init; }

    /// <summary>Nothing was switched.</summary>
    public static readonly RollOutcome Nothing = new([], null, null, null);
}

/// <summary>
/// Puts new workers in slots: the one mechanism behind a deployment, a restart, a reload and a change of scale. In batches of
/// one or of all, as configured: start the new, prove them, open their gates, make the old let go, end the old. There are never
/// fewer workers than before. A roll that fails stops where it is; whose slots had been switched is its caller's to put back.
/// </summary>
internal sealed class Roll(
    ServiceSettings settings, ServiceSituation situation, WorkerStarter starter, LeaseHolder lease)
{
    // How long a new worker that could not take over may take to finish what it has accepted all the same.
    private static readonly TimeSpan s_undoTime = TimeSpan.FromSeconds(5);

    private WorkerPool Pool => situation.Pool;

    /// <summary>Rolls.</summary>
    /// <param name="plan">What to do.</param>
    /// <param name="progress">Told of the phases.</param>
    /// <param name="beforeFirstSwitch">Writes down what is about to be the case; a <see cref="WorkerFailedException"/> of it
    /// is the roll's failure.</param>
    /// <param name="givenUp">Gives it up, until the first switch.</param>
    /// <param name="stopping">The supervisor stops: no further batch is begun.</param>
    /// <returns>How far it came.</returns>
    /// <exception cref="OperationCanceledException">It was given up before the first switch; the new workers are
    /// gone.</exception>
    public async Task<RollOutcome> RunAsync(
        RollPlan plan, IPhaseProgress progress, Action beforeFirstSwitch, CancellationToken givenUp, CancellationToken stopping)
    {
        var service = settings.Model;
        var size = service.Workers.Replace == WorkerReplacement.AllAtOnce ? plan.Slots.Count : 1;
        var outcome = RollOutcome.Nothing;
        foreach (var slots in plan.Slots.Chunk(Math.Max(size, 1)))
        {
            var isFirst = outcome.InPlace.Count == 0;
            try
            {
                WorkerName[] names = [.. slots.Select(slot => new WorkerName(plan.Generation, slot))];
                var batch = await starter.StartAsync(
                    names, plan.Release, Pool.In, progress, isFirst ? givenUp : stopping);
                outcome = await SwitchAsync(batch, outcome, progress, isFirst ? beforeFirstSwitch : null, service);
            }
            catch (WorkerFailedException failed)
            {
                outcome = outcome with { Failure = failed };
            }
            catch (OperationCanceledException) when (!isFirst)
            {
                outcome = outcome with { Failure = new WorkerFailedException(
                    DeploymentFailure.SupervisorStopping, "The supervisor was asked to stop in the middle of it.", []) };
            }

            if (outcome.Failure is not null)
                break;
        }

        return outcome;
    }

    /// <summary>Makes a worker let go of its connections and ends it. Its slot is another's by then, or stays empty.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="heir">Takes its connections; null when nobody does.</param>
    /// <param name="service">The time limits.</param>
    /// <returns>What became of the connections; null when it cannot tell.</returns>
    public async Task<DrainReport?> RetireAsync(Worker worker, Worker? heir, ServiceModel service)
    {
        await using var pair = TryPair(worker, heir) ?? new HandOverPair(worker, heir: null);
        try
        {
            await pair.ActivateAsync(situation.IsPaused);
        }
        catch (WorkerFailedException) when (pair.Heir is not null)
        {
            return await RetireAsync(worker, heir: null, service);
        }

        await lease.TryPassAsync(worker, heir);
        Pool.BeginLettingGo(worker);
        var report = worker.Exited.IsCompleted ? null : await pair.DrainAsync(service);
        await EndAsync(worker, service);
        return report;
    }

    // From here on nobody can give it up: the new workers become current on disk, then in fact.
    private async Task<RollOutcome> SwitchAsync(
        IReadOnlyList<HandOverPair> pairs, RollOutcome before, IPhaseProgress progress, Action? beforeFirstSwitch,
        ServiceModel service)
    {
        progress.Enter(DeploymentPhase.Switch, $"to generation {pairs[0].Heir!.Generation}");
        try
        {
            await ActivateAsync(pairs, beforeFirstSwitch, service);
            // One slot served does not mean that another is that was given up, or that it has the right release.
            if (situation.EmptySlots(settings).Count == 0 && situation.Serves(situation.State.Current!))
                situation.Problem = null;
            return await LetGoAsync(pairs, before, progress, service);
        }
        finally
        {
            foreach (var pair in pairs)
                await pair.DisposeAsync();
        }
    }

    private async Task ActivateAsync(
        IReadOnlyList<HandOverPair> pairs, Action? beforeFirstSwitch, ServiceModel service)
    {
        try
        {
            beforeFirstSwitch?.Invoke();
            foreach (var pair in pairs)
            {
                await pair.ActivateAsync(situation.IsPaused);
                await lease.PassAsync(pair.Old, pair.Heir);
            }
        }
        catch
        {
            await UndoAsync(pairs, service);
            throw;
        }

        foreach (var worker in pairs.Select(pair => pair.Heir!))
        {
            var last = Pool.In(worker.Slot);
            Pool.Put(worker);
            // A worker that has died is let go of here and nowhere else: only now does nobody ask about it any more.
            if (last is { Exited.IsCompleted: true })
                await EndAsync(last, service);
            else if (last is not null)
                Pool.BeginLettingGo(last);
        }
    }

    // Those of the batch that had opened their gates have clients by now; they go back to who served them before.
    private async Task UndoAsync(IReadOnlyList<HandOverPair> pairs, ServiceModel service)
    {
        foreach (var pair in pairs)
        {
            if (pair is { IsActive: true, Heir.SpeaksMidstream: true, Heir.Exited.IsCompleted: false })
            {
                await RetireAsync(pair.Heir, pair.Old, service);
                await pair.UndoStateAsync();
                continue;
            }

            // Its gate may be open although it could not say so: what it has accepted it may finish.
            var patience = service.Stop.Timeout < s_undoTime ? service.Stop.Timeout : s_undoTime;
            await pair.Heir!.StopAsync(service.Stop.Signal, patience);
            await pair.UndoStateAsync();
            await lease.TryPassAsync(pair.Heir, pair.Old);
            await pair.Heir.DisposeAsync();
        }
    }

    private async Task<RollOutcome> LetGoAsync(
        IReadOnlyList<HandOverPair> pairs, RollOutcome before, IPhaseProgress progress, ServiceModel service)
    {
        var replaced = pairs.Where(pair => pair.Old is not null).ToList();
        if (replaced.Count == 0)
            return before with { InPlace = [.. before.InPlace, .. pairs.Select(pair => pair.Heir!)] };

        progress.Enter(DeploymentPhase.Drain, $"of {string.Join(", ", replaced.Select(pair => pair.Old!.Name))}");
        var drained = await Task.WhenAll(replaced.Select(pair => DrainAsync(pair, service)));
        var replacedInMs = progress.ElapsedMs;
        progress.Enter(DeploymentPhase.Stop);
        await Task.WhenAll(drained.Select(result => EndAsync(result.Gone, service)));

        var failure = drained.Select(result => result.Failure).FirstOrDefault(failure => failure is not null);
        return new RollOutcome(
            [.. before.InPlace, .. pairs.Select(pair => pair.Heir!).Where(heir => Pool.In(heir.Slot) == heir)],
            drained.Aggregate(before.Report, (sum, result) => DrainReport.Sum(sum, result.Report)),
            replacedInMs,
            failure)
        {
            State = StateReport.Sum(before.State, replaced.Select(pair => pair.HandedOverState)),
        };
    }

    private async Task<Drained> DrainAsync(HandOverPair pair, ServiceModel service)
    {
        var (old, heir) = (pair.Old!, pair.Heir!);
        // It answers nobody; waiting for it would only make its clients wait.
        if (old.IsHung)
            return new Drained(old, null, null);
        var draining = pair.DrainAsync(service);
        var heirDied = await Task.WhenAny(draining, heir.Exited) == heir.Exited && !draining.IsCompleted;
        if (!heirDied || !await pair.UndoStateAsync() || !await Switch.TryResumeAsync(old, situation.IsPaused))
            return new Drained(old, await draining, null);

        // The new worker died while connections were on their way to it. The old one still has those that had not arrived.
        Pool.Put(old);
        await lease.TryPassAsync(heir, old);
        await heir.OutputEndedAsync();
        var reason = $"The new generation (process {heir.Pid}) {await heir.Exited} during the hand-over; generation " +
            $"{old.Generation} serves on.";
        return new Drained(heir, null, new WorkerFailedException(
            DeploymentFailure.WorkerCrashedInProbation, reason, heir.LastLines));
    }

    private static HandOverPair? TryPair(Worker? old, Worker? heir)
    {
        try
        {
            return new HandOverPair(old, heir);
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    private async Task EndAsync(Worker worker, ServiceModel service)
    {
        if (worker.IsHung)
            await worker.KillAsync();
        else
            await worker.StopAsync(service.Stop.Signal, service.Stop.Timeout);
        Pool.Forget(worker);
        await worker.DisposeAsync();
    }

    // One of a pair is gone: the old one, or the new one when it died.
    private sealed record Drained(Worker Gone, DrainReport? Report, WorkerFailedException? Failure);
}
