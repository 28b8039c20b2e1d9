using Midstream.Control.Operators;
using Midstream.Control.Workers;
using Midstream.Core.Configuration;
using Midstream.Core.Deployments;
using Midstream.Linux;
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
    ServiceModel service,
    ServiceSituation situation,
    ReleaseStore store,
    GenerationStarter starter,
    Switch change,
    Probation probation,
    ISupervisorObserver observer)
{
    /// <summary>Replaces what runs.</summary>
    /// <param name="release">The release to run.</param>
    /// <param name="operation">Told of the phases.</param>
    /// <param name="cancellationToken">Gives it up, until the switch.</param>
    /// <param name="stopping">The supervisor stops: the probation ends early.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="OperationCanceledException">It was given up before the switch; the new generation is gone.</exception>
    public async Task<ResultEvent> RunAsync(
        StoredRelease release, Operation operation, CancellationToken cancellationToken, CancellationToken stopping)
    {
        var before = situation.State;
        var attempt = await TryPutInPlaceAsync(
            release, operation, probationFollows: before.Current is not null, cancellationToken);
        if (attempt.Next is not { } next)
            return attempt.Result!;
        if (before.Current is null)
            return Commit(next, attempt, operation);

        operation.Enter(DeploymentPhase.Probation, $"{service.Probation.Duration.TotalSeconds:0.###} s");
        var fault = await probation.FindFaultAsync(next, stopping);
        return fault is null ? Commit(next, attempt, operation) : await GoBackAsync(before, next, fault, attempt, operation);
    }

    /// <summary>Starts the current release again, after its generation has died.</summary>
    /// <param name="release">The release.</param>
    /// <param name="operation">Told of the phases.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>How it ended.</returns>
    public async Task<ResultEvent> RestartAsync(StoredRelease release, Operation operation, CancellationToken cancellationToken)
    {
        var attempt = await TryPutInPlaceAsync(release, operation, probationFollows: false, cancellationToken);
        return attempt.Next is { } next ? Commit(next, attempt, operation) : attempt.Result!;
    }

    private async Task<Attempt> TryPutInPlaceAsync(
        StoredRelease release, Operation operation, bool probationFollows, CancellationToken cancellationToken)
    {
        Worker next;
        try
        {
            next = await starter.StartAsync(situation.NextGeneration(), release, operation, cancellationToken);
        }
        catch (WorkerFailedException failed)
        {
            return new Attempt(Result: Failed(failed, operation));
        }

        operation.Enter(DeploymentPhase.Switch, $"to generation {next.Generation}");
        return await SwitchAsync(release, next, operation, probationFollows);
    }

    // From here on nobody can give it up: the new generation becomes current on disk, then in fact.
    private async Task<Attempt> SwitchAsync(StoredRelease release, Worker next, Operation operation, bool probationFollows)
    {
        var before = situation.State;
        var last = situation.Current;
        var old = situation.Serving;
        try
        {
            situation.Write(state => Advance(state, release.Id, committed: !probationFollows));
            var (toNew, toOld) = MakeHandOver(next, old);
            using (toNew)
            using (toOld)
            {
                await Switch.ActivateAsync(next, toNew);
                situation.Current = next;
                situation.Problem = null;
                if (old is not null)
                    return await LetGoAsync(old, next, toOld, before, operation);
                // A worker that has died is let go of here and nowhere else: only now does nobody ask about it any more.
                if (last is not null)
                    await EndAsync(last);
                return new Attempt(next);
            }
        }
        catch (Exception failed) when (failed is WorkerFailedException or IOException)
        {
            TryRestore(before);
            await EndAsync(next);
            return new Attempt(Result: failed is WorkerFailedException worker
                ? Failed(worker, operation)
                : Ended(operation.OutcomeOfFailure, operation, $"The state could not be written: {failed.Message} Free " +
                    "some space and try again.", DeploymentFailure.StateNotWritten));
        }
    }

    private async Task<Attempt> LetGoAsync(
        Worker old, Worker next, FileDescriptor? toOld, ServiceState before, Operation operation)
    {
        situation.Draining = old;
        operation.Enter(DeploymentPhase.Drain, $"of generation {old.Generation}");
        var drained = change.DrainAsync(old, toOld);
        if (await Task.WhenAny(drained, next.Exited) == next.Exited && !drained.IsCompleted && await Switch.TryResumeAsync(old))
            return new Attempt(Result: await ResumeAsync(old, next, before, operation));

        var report = await drained;
        var replacedInMs = operation.ElapsedMs;
        operation.Enter(DeploymentPhase.Stop, $"of generation {old.Generation}");
        await old.StopAsync(service.Stop.Signal, service.Stop.Timeout);
        situation.Draining = null;
        await old.DisposeAsync();
        return new Attempt(next, report, replacedInMs);
    }

    // The new generation died while connections were on their way to it. The old one still has those that had not arrived.
    private async Task<ResultEvent> ResumeAsync(Worker old, Worker next, ServiceState before, Operation operation)
    {
        situation.Current = old;
        situation.Draining = null;
        TryRestore(before);
        await next.OutputEndedAsync();
        var reason = $"The new generation (process {next.Pid}) {await next.Exited} during the hand-over; generation " +
            $"{old.Generation} serves on.";
        var lines = next.LastLines;
        await EndAsync(next);
        return Ended(operation.OutcomeOfFailure, operation, reason, DeploymentFailure.WorkerCrashedInProbation, lines);
    }

    private async Task<ResultEvent> GoBackAsync(
        ServiceState before, Worker failed, ProbationFault fault, Attempt attempt, Operation operation)
    {
        var outcome = operation.OutcomeOfFailure;
        observer.Warning("ProbationFailed", $"{fault.Reason} Going back to release {before.Current}.");
        var lines = failed.LastLines;
        StoredRelease previous;
        try
        {
            previous = store.Find(before.Current!);
        }
        catch (ReleaseStoreException missing)
        {
            return Ended(
                Outcomes.Failed, operation, $"{fault.Reason} There is no way back: {missing.Message}", fault.Failure, lines);
        }

        var back = await TryPutInPlaceAsync(previous, operation, probationFollows: false, CancellationToken.None);
        if (back.Next is null)
        {
            TryRestore(before with { Generation = situation.State.Generation });
            return Ended(Outcomes.Failed, operation, $"{fault.Reason} Going back to release {previous.Id} failed as well: " +
                $"{back.Result!.Reason}", fault.Failure, lines);
        }

        TryRestore(before with { Generation = situation.State.Generation });
        return Ended(outcome, operation, fault.Reason, fault.Failure, lines) with { Connections = attempt.Report };
    }

    private ResultEvent Commit(Worker next, Attempt attempt, Operation operation)
    {
        operation.Enter(DeploymentPhase.Committed);
        try
        {
            situation.Write(state => state with { Committed = true });
        }
        catch (IOException unwritten)
        {
            // It serves, and that is not to be changed by a failing report; but a supervisor that is killed now goes back.
            observer.Error("CommitNotWritten", $"Release {next.Release} serves, but that it is permanent could not be " +
                $"written: {unwritten.Message}");
            situation.Problem = $"The state could not be written: {unwritten.Message}";
        }

        return Ended(Outcomes.Committed, operation) with { ReplacedInMs = attempt.ReplacedInMs, Connections = attempt.Report };
    }

    private static ServiceState Advance(ServiceState state, string release, bool committed) => state with
    {
        Previous = state.Current is { } current && current != release ? current : state.Previous,
        Current = release,
        Committed = committed,
    };

    private static (FileDescriptor? ToNew, FileDescriptor? ToOld) MakeHandOver(Worker next, Worker? old)
    {
        if (old is not { HandsOver: true } || !next.HandsOver)
            return (null, null);
        return SeqPacketChannel.CreateDescriptorPair();
    }

    private void TryRestore(ServiceState before)
    {
        try
        {
            situation.Write(state => before with { Generation = state.Generation });
        }
        catch (IOException unwritten)
        {
            // The state on disk says "not committed", so a restart goes back by itself.
            observer.Error("StateNotWritten", $"That release {before.Current} serves again could not be written: " +
                $"{unwritten.Message}");
        }
    }

    private static async Task EndAsync(Worker worker)
    {
        await worker.KillAsync();
        await worker.DisposeAsync();
    }

    private ResultEvent Failed(WorkerFailedException failed, Operation operation) =>
        Ended(operation.OutcomeOfFailure, operation, failed.Message, failed.Failure, failed.LastLines);

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
            LastLines: lines);
    }

    // Either the new generation serves, or there is a result that says why it does not.
    private sealed record Attempt(
        Worker? Next = null, DrainReport? Report = null, long? ReplacedInMs = null, ResultEvent? Result = null);
}
