using Midstream.Control.Operators;
using Midstream.Control.Workers;
using Midstream.Core.Deployments;
using Midstream.Core.Modules;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Modules;

// When                                    | the set on disk | the workers
// ----------------------------------------+-----------------+-------------------------------------------------
// one after the other prepares            | old             | serve the old set; one that fails ends the change
// all wait at the move                    | old             | serve the old set
// the set is written: the commit point    | new             | serve the old set
// all are told to move                    | new             | each moves within milliseconds
// the new generations are watched         | new             | serve the new set; probation.modules_ms
// one could not move, or has died over it,| old             | those that have moved go back
// is unhealthy, or fails more than before |                 |
//
// A supervisor that is killed in between leaves what is on disk, and the next one brings every worker to that; it does not go on
// with a probation.

/// <summary>How a change of modules came out.</summary>
/// <param name="Changes">What was moved, worker by worker.</param>
/// <param name="Failure">Why it did not come through; null when it did.</param>
/// <param name="HasGoneBack">Whether some had moved, and went back.</param>
internal sealed record ModuleRollOutcome(
    IReadOnlyList<WorkerModuleChange> Changes, WorkerFailedException? Failure = null, bool HasGoneBack = false);

/// <summary>Brings a set of modules into every worker: the one mechanism behind deploy, rollback and remove, behind the way back
/// from each, and behind what a supervisor does that comes after one that was killed.</summary>
internal sealed class ModuleRoll(
    ModuleShelf shelf, ServiceSituation situation, ServiceSettings settings, ModuleProbation probation,
    Action<Complaint> complain, ISupervisorObserver observer)
{
    private static readonly TimeSpan s_unloadTime = TimeSpan.FromSeconds(60);

    private long _number = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    /// <summary>Brings a set into every worker that serves.</summary>
    /// <param name="next">The set.</param>
    /// <param name="operation">Told of the phases.</param>
    /// <param name="probationTime">How long the new generations are watched; 0 for not at all.</param>
    /// <param name="givenUp">Gives it up, until the move.</param>
    /// <param name="stopping">The supervisor stops: the probation ends early.</param>
    /// <returns>How it came out.</returns>
    /// <exception cref="ModuleRequestException">A worker hosts no modules; nothing has changed.</exception>
    /// <exception cref="OperationCanceledException">It was given up before the move; nothing has changed.</exception>
    public async Task<ModuleRollOutcome> RunAsync(
        DesiredSet next, Operation operation, TimeSpan probationTime, CancellationToken givenUp, CancellationToken stopping)
    {
        var before = shelf.Set;
        var calls = new List<ModuleCall>();
        try
        {
            foreach (var worker in Workers())
            {
                var call = new ModuleCall(worker, Interlocked.Increment(ref _number));
                calls.Add(call);
                if (!await PrepareAsync(call, next, operation, givenUp))
                    calls.Remove(call);
            }

            givenUp.ThrowIfCancellationRequested();
            operation.Enter(ModulePhases.Move, string.Join(", ", calls.Select(call => call.Worker.Name)));
            Announce(next);
        }
        catch (WorkerFailedException failed)
        {
            await AbandonAsync(calls);
            return new ModuleRollOutcome([], failed);
        }
        catch
        {
            await AbandonAsync(calls);
            throw;
        }

        return await MoveAsync(calls, before, operation, probationTime, stopping);
    }

    /// <summary>Brings the set on disk into workers whose supervisor was killed, perhaps in the middle of a change.</summary>
    /// <returns>A task that ends when each has it, or is to be replaced by one that will.</returns>
    public Task SettleAsync() => Task.WhenAll(
        Workers().Where(worker => worker.Capabilities.Contains(WorkerCapabilities.Modules)).Select(SettleAsync));

    private IReadOnlyList<Worker> Workers() => [.. situation.Pool.Serving.Where(worker => !worker.IsHung)];

    // False when the worker has the set already.
    private async Task<bool> PrepareAsync(
        ModuleCall call, DesiredSet next, Operation? operation, CancellationToken givenUp)
    {
        call.Before = (await ModuleCall.ListAsync(call.Worker, module: null, givenUp)).Modules;
        var difference = ModuleDifference.Between(next, call.Before, shelf.FolderOf);
        if (difference.Missing.Count > 0)
            throw new WorkerFailedException(
                DeploymentFailure.ModuleRefused,
                $"The package {string.Join(", ", difference.Missing)} is not in the store any more. Deploy its folder again.",
                []);
        if (difference.IsNothing)
            return false;
        await call.PrepareAsync(
            difference, phase => operation?.Enter(phase.Phase, $"{phase.Module} in {call.Worker.Name}"), givenUp);
        return true;
    }

    private void Announce(DesiredSet next)
    {
        try
        {
            shelf.Write(next);
        }
        catch (IOException full)
        {
            throw new WorkerFailedException(
                DeploymentFailure.StateNotWritten,
                $"The set of modules could not be written: {full.Message} Free some space and try again.", []);
        }
    }

    private async Task<ModuleRollOutcome> MoveAsync(
        List<ModuleCall> calls, DesiredSet before, Operation operation, TimeSpan probationTime,
        CancellationToken stopping)
    {
        try
        {
            await Task.WhenAll(calls.Select(call => call.MoveAsync()));
            if (calls.Count > 0 && probationTime > TimeSpan.Zero)
            {
                operation.Enter(ModulePhases.Probation, $"{probationTime.TotalSeconds:0.###} s");
                if (await probation.FindFaultAsync(calls, probationTime, stopping) is { } fault)
                    throw fault;
            }

            operation.Enter(ModulePhases.Retire);
            var patience = settings.Model.Drain.Timeout + s_unloadTime;
            return new ModuleRollOutcome(await Task.WhenAll(calls.Select(async call =>
                new WorkerModuleChange(call.Worker.Name.ToString(), call.Moves, await call.EndedAsync(patience)))));
        }
        catch (WorkerFailedException failed)
        {
            operation.Enter(ModulePhases.GoBack, failed.Message);
            if (shelf.Settle(before) is { } unwritten)
                observer.Error("ModulesNotWritten", $"That the modules went back could not be written: {unwritten.Message}");
            await Task.WhenAll(Workers().Select(SettleAsync));
            return new ModuleRollOutcome([], failed, HasGoneBack: true);
        }
    }

    // Who cannot be brought to the set is replaced: a worker that starts loads it.
    private async Task SettleAsync(Worker worker)
    {
        var call = new ModuleCall(worker, Interlocked.Increment(ref _number));
        try
        {
            await ModuleCall.AbandonAsync(worker);
            if (await PrepareAsync(call, shelf.Set, operation: null, CancellationToken.None))
                await call.MoveAsync();
        }
        catch (Exception failed) when (failed is WorkerFailedException or ModuleRequestException)
        {
            observer.Warning("ModulesAstray", failed.Message);
            complain(new Complaint(worker, $"It has not the modules it is to have: {failed.Message}"));
        }
    }

    private static Task AbandonAsync(IEnumerable<ModuleCall> calls) =>
        Task.WhenAll(calls.Select(call => ModuleCall.AbandonAsync(call.Worker)));
}

/// <summary>The phases of a change of modules that the worker does not name.</summary>
internal static class ModulePhases
{
    public const string Move = "move";

    public const string Probation = "probation";

    public const string Retire = "retire";

    public const string GoBack = "go-back";
}
