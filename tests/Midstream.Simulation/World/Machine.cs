// Everything of a simulated world that outlives a supervisor: its worker processes, its disk, its releases, and its luck.

using Midstream.Simulation.Histories;
using Midstream.Simulation.Scheduling;
using Midstream.Supervisor.Workers;

namespace Midstream.Simulation.World;

internal sealed class Machine
{
    private readonly Dictionary<string, Release> _releases = [];
    private int _lastPid = 100;

    internal Machine(Scheduler scheduler, Dice dice, Temper temper, Trace trace)
    {
        (Scheduler, Dice, Temper, Trace) = (scheduler, dice, temper, trace);
        Shelf = new Shelf(this);
        Law = new Law(this);
        Disk.Written += Law.StateWritten;
    }

    internal Scheduler Scheduler { get; }

    internal Dice Dice { get; }

    internal Temper Temper { get; }

    internal Trace Trace { get; }

    internal Law Law { get; }

    internal Disk Disk { get; } = new();

    internal Shelf Shelf { get; }

    internal List<SimulatedWorker> Workers { get; } = [];

    /// <summary>Gets or sets the supervisor that lives; null when there is none.</summary>
    internal SimulatedSupervisor? Supervisor { get; set; }

    /// <summary>Gets or sets whether processes may fail by themselves, and flaws show.</summary>
    internal bool IsFaulty { get; set; } = true;

    /// <summary>Gets whether anything has befallen a worker that was none of its supervisor's doing.</summary>
    internal bool HasBeenStruck { get; private set; }

    internal IEnumerable<SimulatedWorker> Living => Workers.Where(worker => worker.IsAlive);

    internal Release? FindRelease(string id) => _releases.GetValueOrDefault(id);

    internal Release Make(Flaw wanted)
    {
        var flaw = Temper.Shows(wanted) ? wanted : Flaw.None;
        var release = new Release(
            $"r{_releases.Count + 1}{(flaw == Flaw.None ? "" : $"-{flaw}")}", flaw, Temper.HandsOver, Temper.HasState,
            Temper.HasLease);
        _releases.Add(release.Id, release);
        return release;
    }

    internal TimeSpan Latency(TimeSpan max) => Dice.Within(max);

    internal void After(TimeSpan delay, Action action) => Scheduler.At(delay, action);

    internal int NextPid() => ++_lastPid;

    /// <summary>Something befalls a worker.</summary>
    internal void Strike(SimulatedWorker worker, string how)
    {
        HasBeenStruck = true;
        Trace.Say($"{worker} {how}");
    }

    internal SimulatedWorker Start(WorkerName name, Release release)
    {
        Law.Launching(name, release);
        var worker = new SimulatedWorker(this, name, release, NextPid());
        Workers.Add(worker);
        Trace.Say($"{worker} is started");
        return worker;
    }
}
