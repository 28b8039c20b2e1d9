using Midstream.Control.Operators;
using Midstream.Control.Workers;
using Midstream.Core.Deployments;
using Midstream.Releases;
using Midstream.Supervisor.Deployments;
using Midstream.Supervisor.State;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Services;

/// <summary>
/// Puts a release in the place of what runs: start the new, prove it, write down that it is current, move the traffic, end
/// the old, watch the new, make it permanent. What fails before the writing is the new one's failure only; what fails after
/// it goes back.
/// </summary>
internal sealed class Replacement(
    ServiceSettings settings,
    ServiceSituation situation,
    IReleaseStore store,
    Roll roll,
    Probation probation,
    ISupervisorObserver observer)
{
    /// <summary>Replaces what runs.</summary>
    /// <param name="release">The release to run.</param>
    /// <param name="operation">Told of the phases.</param>
    /// <param name="beforeGoingBack">Puts back what else was changed, before the workers are.</param>
    /// <param name="givenUp">Gives it up, until the switch.</param>
    /// <param name="stopping">The supervisor stops: the probation ends early.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="OperationCanceledException">It was given up before the switch; the new generation is gone.</exception>
    public async Task<ResultEvent> RunAsync(
        StoredRelease release, Operation operation, Action beforeGoingBack, CancellationToken givenUp,
        CancellationToken stopping)
    {
        var before = situation.State;
        var isFirst = before.Current is null;
        var attempt = await TryAsync(release, AllSlots(), operation, committed: isFirst, givenUp, stopping);
        if (attempt.Failure is { } failed)
        {
            beforeGoingBack();
            return await PutBackAsync(before, attempt, failed.Failure, failed.Message, failed.LastLines, operation, stopping);
        }

        return isFirst
            ? Commit(attempt, operation) : await ProveAsync(before, attempt, operation, beforeGoingBack, stopping);
    }

    /// <summary>Finishes a replacement whose supervisor was killed after the switch: probation, then commit or back.</summary>
    /// <param name="found">The state as it was found.</param>
    /// <param name="operation">Told of the phases.</param>
    /// <param name="stopping">The supervisor stops: the probation ends early.</param>
    /// <returns>How it ended.</returns>
    public Task<ResultEvent> FinishAsync(ServiceState found, Operation operation, CancellationToken stopping)
    {
        var goBackTo = found.GoBackTo ?? found.Previous;
        var before = found with
        {
            Current = goBackTo,
            Previous = found.Previous == goBackTo ? null : found.Previous,
            Committed = true,
            GoBackTo = null,
        };
        var attempt = RollOutcome.Nothing with { InPlace = situation.Pool.Serving };
        return ProveAsync(before, attempt, operation, static () => { }, stopping);
    }

    /// <summary>Says that something is as it should be.</summary>
    /// <param name="operation">The operation.</param>
    /// <returns>The result.</returns>
    public ResultEvent Done(Operation operation) => Ended(Outcomes.Committed, operation);

    private async Task<ResultEvent> ProveAsync(
        ServiceState before, RollOutcome attempt, Operation operation, Action beforeGoingBack, CancellationToken stopping)
    {
        var duration = settings.Model.Probation.Duration;
        operation.Enter(DeploymentPhase.Probation, $"{duration.TotalSeconds:0.###} s");
        if (await probation.FindFaultAsync(attempt.InPlace, duration, stopping) is not { } fault)
            return Commit(attempt, operation);
        beforeGoingBack();
        return await PutBackAsync(
            before, attempt, fault.Failure, fault.Reason, fault.Culprit.LastLines, operation, stopping);
    }

    /// <summary>Starts the current release in some slots, where its workers have died or there are none yet.</summary>
    /// <param name="release">The release.</param>
    /// <param name="slots">The slots.</param>
    /// <param name="operation">Told of the phases.</param>
    /// <param name="givenUp">Gives it up.</param>
    /// <param name="stopping">The supervisor stops.</param>
    /// <returns>How it ended.</returns>
    public async Task<ResultEvent> FillAsync(
        StoredRelease release, IReadOnlyList<int> slots, Operation operation, CancellationToken givenUp,
        CancellationToken stopping)
    {
        var attempt = await TryAsync(release, slots, operation, committed: true, givenUp, stopping);
        return attempt.Failure is { } failed
            ? Ended(Outcomes.Failed, operation, failed.Message, failed.Failure, failed.LastLines)
            : Commit(attempt, operation);
    }

    /// <summary>Ends the workers of the slots beyond a number; the others take their connections.</summary>
    /// <param name="count">The slots that stay.</param>
    /// <param name="operation">Told of the phases.</param>
    /// <returns>How it ended.</returns>
    public async Task<ResultEvent> ShrinkAsync(int count, Operation operation)
    {
        var surplus = situation.Pool.Workers.Where(worker => worker.Slot > count).ToList();
        var heirs = situation.Pool.Serving.Where(worker => worker.Slot <= count).ToList();
        operation.Enter(DeploymentPhase.Drain, $"of {string.Join(", ", surplus.Select(worker => worker.Name))}");
        DrainReport? report = null;
        for (var index = 0; index < surplus.Count; index++)
        {
            var heir = heirs.Count == 0 ? null : heirs[index % heirs.Count];
            report = DrainReport.Sum(report, await roll.RetireAsync(surplus[index], heir, settings.Model));
        }

        operation.Enter(DeploymentPhase.Committed);
        return Ended(Outcomes.Committed, operation) with { Connections = report };
    }

    private int[] AllSlots() => [.. Enumerable.Range(1, situation.WorkerCount(settings))];

    private async Task<RollOutcome> TryAsync(
        StoredRelease release, IReadOnlyList<int> slots, Operation operation, bool committed, CancellationToken givenUp,
        CancellationToken stopping)
    {
        var before = situation.State;
        var plan = new RollPlan(release, situation.NextGeneration(), slots);
        var outcome = await roll.RunAsync(
            plan, operation, () => Announce(state => Advance(state, release.Id, committed)), givenUp, stopping);

        // Nothing was switched: what was written in anticipation is not the case.
        if (outcome is { Failure: not null, InPlace.Count: 0 })
            TryRestore(before);
        return outcome;
    }

    // What was switched so far gets the release back that it had.
    private async Task<ResultEvent> PutBackAsync(
        ServiceState before, RollOutcome attempt, DeploymentFailure failure, string reason, IReadOnlyList<string> lines,
        Operation operation, CancellationToken stopping)
    {
        var outcome = operation.OutcomeOfFailure;
        ResultEvent Result(string how, string why) => Ended(how, operation, why, failure, lines) with
        {
            Connections = attempt.Report,
        };
        if (attempt.InPlace.Count == 0 || before.Current is null)
            return Result(outcome, reason);

        if (stopping.IsCancellationRequested)
        {
            // Nobody is started any more; the next start finds the release to go back to.
            TryRestore(before);
            return Result(outcome, reason);
        }

        observer.Warning("GoingBack", $"{reason} Going back to release {before.Current}.");
        StoredRelease previous;
        try
        {
            previous = store.Find(before.Current);
        }
        catch (ReleaseStoreException missing)
        {
            return Result(Outcomes.Failed, $"{reason} There is no way back: {missing.Message}");
        }

        // A reload may have added slots that are not wanted any more.
        var count = situation.WorkerCount(settings);
        int[] slots = [.. attempt.InPlace.Select(worker => worker.Slot).Where(slot => slot <= count)];
        var back = await TryAsync(previous, slots, operation, committed: true, CancellationToken.None, CancellationToken.None);
        foreach (var surplus in attempt.InPlace.Where(worker => worker.Slot > count))
            await roll.RetireAsync(
                surplus, situation.Pool.Serving.FirstOrDefault(worker => worker.Slot <= count), settings.Model);
        TryRestore(before);
        return back.Failure is null
            ? Result(outcome, reason)
            : Result(Outcomes.Failed, $"{reason} Going back to release {previous.Id} failed as well: {back.Failure.Message}");
    }

    private ResultEvent Commit(RollOutcome attempt, Operation operation)
    {
        operation.Enter(DeploymentPhase.Committed);
        if (situation.Settle(state => state with { Committed = true, GoBackTo = null }) is { } unwritten)
        {
            // It serves, and that is not to be changed by a failing report; but a supervisor that is killed now goes back.
            observer.Error("CommitNotWritten", $"Release {situation.State.Current} serves, but that it is permanent could " +
                $"not be written: {unwritten.Message}");
        }

        return Ended(Outcomes.Committed, operation) with
        {
            ReplacedInMs = attempt.ReplacedInMs,
            Connections = attempt.Report,
            State = attempt.State,
        };
    }

    private void Announce(Func<ServiceState, ServiceState> change)
    {
        try
        {
            situation.Write(change);
        }
        catch (IOException full)
        {
            throw new WorkerFailedException(
                DeploymentFailure.StateNotWritten,
                $"The state could not be written: {full.Message} Free some space and try again.",
                []);
        }
    }

    private static ServiceState Advance(ServiceState state, string release, bool committed) => state with
    {
        Previous = state.Current is { } current && current != release ? current : state.Previous,
        Current = release,
        Committed = committed,
        GoBackTo = committed ? null : state.Current,
    };

    private void TryRestore(ServiceState before)
    {
        if (situation.Settle(state => before with { Generation = state.Generation }) is { } unwritten)
        {
            // The state on disk says "not committed", so a restart goes back by itself.
            observer.Error("StateNotWritten", $"That release {before.Current} serves again could not be written: " +
                $"{unwritten.Message}");
        }
    }

    private ResultEvent Ended(
        string outcome, Operation operation, string? reason = null, DeploymentFailure? failure = null,
            IReadOnlyList<string>? lines = null)
    {
        var serving = situation.Serving;
        return new ResultEvent(
            outcome,
            serving?.Release,
            serving?.Generation,
            reason,
            failure is { } named ? PhaseNames.Of(named) : null,
            ElapsedMs: operation.ElapsedMs,
            Phases: operation.Phases,
            LastLines: lines is { Count: 0 } ? null : lines);
    }
}
