using Midstream.Core.Deployments;
using Midstream.Core.Modules;
using Midstream.Supervisor.Deployments;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Modules;

/// <summary>
/// Watches modules that have moved, for a time: that their workers live and are healthy, and that the new generations do not fail
/// clearly more of their requests than those before, over all workers.
/// </summary>
/// <param name="probation">Watches workers.</param>
/// <param name="time">The clock.</param>
internal sealed class ModuleProbation(Probation probation, TimeProvider time)
{
    private static readonly TimeSpan s_intervalMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_intervalMax = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_answerTime = TimeSpan.FromSeconds(1);

    /// <summary>Watches until the time is over or something is wrong.</summary>
    /// <param name="calls">What was moved, worker by worker.</param>
    /// <param name="duration">How long.</param>
    /// <param name="stopping">The supervisor stops: what has lasted until then has stood the test.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    public async Task<WorkerFailedException?> FindFaultAsync(
        IReadOnlyList<ModuleCall> calls, TimeSpan duration, CancellationToken stopping)
    {
        using var over = new Patience(duration, time, stopping);
        var failures = WatchFailuresAsync(calls, duration, over.Token);
        var workers = probation.FindFaultAsync([.. calls.Select(call => call.Worker)], duration, over.Token);
        if (await Task.WhenAny(failures, workers) == failures && await failures is { } failing)
        {
            await over.EndAsync();
            await workers;
            return failing;
        }

        if (await workers is not { } fault)
            return await failures;
        await over.EndAsync();
        await failures;
        return new WorkerFailedException(fault.Failure, fault.Reason, fault.Culprit.LastLines);
    }

    private async Task<WorkerFailedException?> WatchFailuresAsync(
        IReadOnlyList<ModuleCall> calls, TimeSpan duration, CancellationToken over)
    {
        var interval = TimeSpan.FromTicks(Math.Clamp(duration.Ticks / 10, s_intervalMin.Ticks, s_intervalMax.Ticks));
        try
        {
            while (true)
            {
                await Task.Delay(interval, time, over);
                if (await LookAsync(calls) is { } fault)
                    return fault;
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return await LookAsync(calls);
        }
    }

    private static async Task<WorkerFailedException?> LookAsync(IReadOnlyList<ModuleCall> calls)
    {
        var told = await Task.WhenAll(calls.Select(async call => (Call: call, There: await ListAsync(call.Worker))));
        var moved = told.SelectMany(one => one.Call.Moves.Where(move => move.Generation > 0).Select(move => (
            Move: move, Before: TallyBefore(one.Call, move), Now: TallyOf(one.There, move.Module, move.Generation)
                .Since(TallyOf(one.Call.Before, move.Module, move.Generation)))));
        foreach (var module in moved.GroupBy(one => (one.Move.Module, one.Move.Version)))
        {
            var before = module.Aggregate(RequestTally.Zero, (sum, one) => sum.Plus(one.Before));
            var now = module.Aggregate(RequestTally.Zero, (sum, one) => sum.Plus(one.Now));
            if (now.IsClearlyWorseThan(before))
                return new WorkerFailedException(
                    DeploymentFailure.ModuleFailedInProbation,
                    $"Module {module.Key.Module} {module.Key.Version} has failed {now} in its probation; what served before it " +
                        $"had failed {before}.", []);
        }

        return null;
    }

    private static RequestTally TallyBefore(ModuleCall call, ModuleMove move) =>
        call.Before.FirstOrDefault(module => module.Name == move.Module)?.Generation is { } serving
            ? TallyOf(call.Before, move.Module, serving) : RequestTally.Zero;

    private static RequestTally TallyOf(IReadOnlyList<ModuleSummary> modules, string module, long generation) =>
        modules.FirstOrDefault(one => one.Name == module)?.Generations.FirstOrDefault(one => one.Number == generation)
            is { } found ? new RequestTally(found.Requests, found.Failed) : RequestTally.Zero;

    // Who says nothing is watched by others: here it only has no news.
    private static async Task<IReadOnlyList<ModuleSummary>> ListAsync(Worker worker)
    {
        using var patience = new Patience(s_answerTime, worker.Time);
        try
        {
            return (await ModuleCall.ListAsync(worker, module: null, patience.Token)).Modules;
        }
        catch (Exception silent) when (silent is WorkerFailedException or OperationCanceledException)
        {
            return [];
        }
    }
}
