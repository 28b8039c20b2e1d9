using Midstream.Control.Operators;
using Midstream.Core.Deployments;
using Midstream.Core.Generations;
using Midstream.Core.Succession;
using Midstream.Releases;
using Midstream.Supervisor.Deployments;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.State;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Succession;

/// <summary>
/// Goes on where a killed supervisor was: its workers keep their slots, and a deployment that was under way is finished or
/// undone, never left in between. The decisions are <see cref="TakeOverPlan"/>'s.
/// </summary>
internal sealed class TakeOver(
    ServiceSettings settings,
    ServiceSituation situation,
    IReleaseStore store,
    Roll roll,
    Replacement replacement,
    LeaseHolder lease,
    ISupervisorObserver observer)
{
    /// <summary>Settles who serves.</summary>
    /// <param name="survivors">The workers that were found; at least one.</param>
    /// <param name="operation">Told of the phases.</param>
    /// <param name="stopping">The supervisor stops.</param>
    /// <returns>How it ended.</returns>
    public async Task<ResultEvent> RunAsync(
        IReadOnlyList<Worker> survivors, Operation operation, CancellationToken stopping)
    {
        var before = situation.State;
        var plan = MakePlan(survivors, before, isFit: true);
        if (!await CanFinishAsync(plan, survivors))
            plan = MakePlan(survivors, before, isFit: false);
        observer.Information("TakingOver", $"Taking over {string.Join(", ", survivors.Select(worker => worker.Name))} from a " +
            $"supervisor that is gone: {Explain(plan)}");

        Worker Find(Survivor survivor) => FindIn(survivors, survivor);
        operation.Enter(DeploymentPhase.Switch, Explain(plan));
        if (plan.Verdict == TakeOverVerdict.Undone)
            situation.Write(state => state with
            {
                Current = plan.Release,
                Previous = state.Previous == plan.Release ? null : state.Previous,
                Committed = true,
                GoBackTo = null,
            });
        // Who has clients but not the release gives them, and the state, to a worker that has: as in any other replacement.
        var replaced = plan.HandOn.Where(survivor => plan.Missing.Contains(survivor.Slot))
            .GroupBy(survivor => survivor.Slot).Select(ToBeReplaced).ToList();
        foreach (var worker in plan.Keep.Concat(plan.Resume).Concat(replaced).Select(Find))
            situation.Pool.Put(worker);
        await Task.WhenAll(plan.Resume.Select(survivor => Switch.TryResumeAsync(Find(survivor), situation.IsPaused)));
        await Task.WhenAll(plan.End.Select(survivor => EndAsync(Find(survivor))));
        // The heirs of those who had been put in charge of the state can be so only when these are dead.
        var others = plan.HandOn.Except(replaced).ToLookup(survivor => situation.Pool.In(survivor.Slot) is not null);
        await Task.WhenAll(others[true].Select(survivor => HandOnAsync(Find(survivor))));
        await Task.WhenAll(situation.Pool.Serving.Select(StateHandOver.TryKeepAsync));

        var result = plan.Missing.Count == 0 ? null : await replacement.FillAsync(
            store.Find(plan.Release), plan.Missing, operation, CancellationToken.None, stopping);
        await Task.WhenAll(others[false].Select(survivor => HandOnAsync(Find(survivor))));
        await SettleLeaseAsync();
        return plan.Verdict == TakeOverVerdict.Finished && result is not { Failure: not null }
            ? await replacement.FinishAsync(before, operation, stopping)
            : result ?? replacement.Done(operation);
    }

    private TakeOverPlan MakePlan(IReadOnlyList<Worker> survivors, ServiceState before, bool isFit) => TakeOverPlan.Make(
        [.. survivors.Select(Describe)],
        situation.WorkerCount(settings),
        before.Current ?? survivors[0].Release,
        before.GoBackTo ?? before.Previous,
        before.Committed,
        isFit);

    // As in the switch that was under way: who does not confirm its gate or cannot run the singular services does not take over.
    private async Task<bool> CanFinishAsync(TakeOverPlan plan, IReadOnlyList<Worker> survivors)
    {
        if (plan.Verdict != TakeOverVerdict.Finished)
            return true;
        try
        {
            var workers = plan.Keep.Select(survivor => FindIn(survivors, survivor)).ToList();
            await Task.WhenAll(workers.Select(worker => Switch.ActivateAsync(worker, handOver: null, situation.IsPaused)));
            await lease.SettleAsync(workers);
            return true;
        }
        catch (WorkerFailedException failed)
        {
            observer.Error("CannotTakeOver", failed.Message);
            return false;
        }
    }

    // The supervisor may have been killed between the revoking and the granting.
    private async Task SettleLeaseAsync()
    {
        try
        {
            await lease.ConfirmAsync(situation.Serving, CancellationToken.None);
        }
        catch (WorkerFailedException failed)
        {
            observer.Error("LeaseNotTaken", failed.Message);
        }
    }

    private static Worker FindIn(IReadOnlyList<Worker> workers, Survivor survivor) => workers.First(worker =>
        worker.Generation == survivor.Generation && worker.Slot == survivor.Slot);

    private static Survivor Describe(Worker worker) => new(
        worker.Generation,
        worker.Slot,
        worker.Release,
        worker.State switch
        {
            GenerationState.Serving => SurvivorStanding.Serving,
            GenerationState.Draining or GenerationState.Stopping => SurvivorStanding.Draining,
            _ => SurvivorStanding.Waiting,
        });

    private static Survivor ToBeReplaced(IEnumerable<Survivor> ofOneSlot) => ofOneSlot
        .OrderByDescending(survivor => survivor.Standing == SurvivorStanding.Serving)
        .ThenByDescending(survivor => survivor.Generation)
        .First();

    private static string Explain(TakeOverPlan plan) => plan.Verdict switch
    {
        TakeOverVerdict.Finished => $"the deployment of release {plan.Release} is carried on with",
        TakeOverVerdict.Undone => $"the deployment that was under way is undone, release {plan.Release} serves",
        _ => $"release {plan.Release} serves on",
    };

    private async Task HandOnAsync(Worker worker)
    {
        var heir = situation.Pool.In(worker.Slot) ?? situation.Serving;
        await roll.RetireAsync(worker, heir, settings.Model);
    }

    private static async Task EndAsync(Worker worker)
    {
        await worker.KillAsync();
        await worker.DisposeAsync();
    }
}
