// What must hold at every step of every history, whatever goes wrong in it.
//
//  - In a slot at most one worker serves, but for an operation that changes it.
//  - An operation never makes a serving worker stop before another serves in its place.
//  - At most one worker runs the singular services; in a slot at most one is in charge of the state.
//  - A gate opens for the first time only for a release that the state on disk names: what is acted upon was written down before.
//  - The state on disk is whole: what is committed has no release to go back to, what is not has one, and all of them are stored.
//  - A generation's number is given to no other while one of its workers lives.
//  - A phase is that of the one operation that has the slot.

using Midstream.Simulation.World;
using Midstream.Supervisor.State;
using Midstream.Supervisor.Workers;

namespace Midstream.Simulation.Histories;

internal sealed class Law(Machine machine)
{
    // A death may be known to the supervisor this much later.
    private static readonly long s_newsTicks = TimeSpan.FromMilliseconds(50).Ticks;

    private bool _hasChanged = true;

    /// <summary>Gets or sets whether the service is being stopped at an operator's wish.</summary>
    internal bool IsStopping { get; set; }

    internal void Changed() => _hasChanged = true;

    /// <summary>Looks at all workers, if anything has changed since the last time.</summary>
    internal void Look()
    {
        var supervisor = machine.Supervisor;
        if (!_hasChanged || supervisor is { Slot.Current: not null })
            return;
        _hasChanged = false;
        if (machine.Living.Count(worker => worker.HoldsLease) > 1)
            throw new Violation("Two workers run the singular services.");
        if (supervisor is not { IsServing: true })
            return;
        if (machine.Living.FirstOrDefault(worker => supervisor.Waiting.Contains(worker.Pid)
            && (worker.Serves || worker.HoldsLease || worker.IsInCharge)) is { } early)
            throw new Violation($"{early} waits to take over, and has done so already.");
        foreach (var slot in machine.Living.Where(worker => worker.Serves).GroupBy(worker => worker.Name.Slot))
        {
            if (slot.Count() > 1)
                throw new Violation($"Without an operation, slot {slot.Key} is served by {string.Join(" and ", slot)}.");
        }
    }

    internal void GateOpened(SimulatedWorker worker)
    {
        Changed();
        if (machine.Disk.State is not { } state
            || (worker.Release.Id != state.Current && worker.Release.Id != state.GoBackTo))
            throw new Violation($"{worker} opens its gate, but the state names {machine.Disk.State?.Current}.");
    }

    /// <summary>A worker is told by its supervisor to let go.</summary>
    internal void GateCloses(SimulatedWorker worker)
    {
        Changed();
        if (!worker.Serves || IsStopping || machine.HasBeenStruck || worker.Release.Flaw != Flaw.None || IsReplaced(worker))
            return;
        throw new Violation($"{worker} is made to let go, and nobody serves in its place.");
    }

    /// <summary>A worker that serves is killed by its supervisor.</summary>
    internal void Killed(SimulatedWorker worker) => GateCloses(worker);

    internal void LeaseChanged()
    {
        Changed();
        if (machine.Living.Count(worker => worker.HoldsLease) > 1)
            throw new Violation("Two workers run the singular services.");
    }

    internal void TookCharge(SimulatedWorker worker)
    {
        Changed();
        if (machine.Living.Any(other => other != worker && other.IsInCharge && other.Name.Slot == worker.Name.Slot))
            throw new Violation($"{worker} is in charge of the state, and another in its slot as well.");
    }

    internal void StateWritten(ServiceState? before, ServiceState state)
    {
        machine.Trace.Say($"disk: {state.Current} before {state.Previous} back {state.GoBackTo} committed {state.Committed}");
        if (state.Committed != (state.GoBackTo is null))
            throw new Violation($"The state is neither old nor new: {state}");
        foreach (var named in new[] { state.Current, state.GoBackTo }.OfType<string>())
        {
            if (machine.Shelf.Stored.All(stored => stored.Id != named))
                throw new Violation($"The state names {named}, which is not in the store.");
        }

        if (before is not null && state.Generation < before.Generation)
            throw new Violation($"Generations are counted down from {before.Generation} to {state.Generation}.");
        if (state.Current is { } current && state.Committed && before is { Committed: false } && !IsStopping
            && machine.IsFaulty && machine.FindRelease(current)!.Flaw is not (Flaw.None or Flaw.CrashesInProbation))
            throw new Violation($"{current} was committed.");
    }

    internal void Launching(WorkerName name, Release release)
    {
        if (machine.Living.FirstOrDefault(worker => worker.Name == name
            || (worker.Name.Generation == name.Generation && worker.Release != release)) is { } other)
            throw new Violation($"{name} of {release.Id} is started while {other} lives.");
    }

    internal void Phase(string kind, string who)
    {
        var current = machine.Supervisor?.Slot.Current;
        if (current is null || current.Kind != kind || current.Who.Name != who)
            throw new Violation($"The {kind} of {who} goes on, but the slot has {current?.Kind} of {current?.Who.Name}.");
    }

    // Who has just died may not be known to be dead.
    private bool IsReplaced(SimulatedWorker worker) => machine.Workers.Any(other => other != worker
        && (other.Serves || (!other.IsAlive && machine.Scheduler.Now - other.DiedAt < s_newsTicks))
        && (other.Name.Slot == worker.Name.Slot || worker.Name.Slot > machine.Supervisor?.WorkerCount));
}
