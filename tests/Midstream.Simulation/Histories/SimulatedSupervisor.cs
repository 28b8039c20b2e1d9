// A supervisor process of a simulated world: the real parts that decide, over simulated surroundings. As SupervisorRun puts them
// together over a machine.

using Midstream.Control.Operators;
using Midstream.Core.Generations;
using Midstream.Linux;
using Midstream.Simulation.Scheduling;
using Midstream.Simulation.World;
using Midstream.Supervisor;
using Midstream.Supervisor.Counters;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Signals;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.State;
using Midstream.Supervisor.Succession;
using Midstream.Supervisor.Systemd;
using Midstream.Supervisor.Workers;

namespace Midstream.Simulation.Histories;

// It lets go of what it runs at its end; a killed one never does.
#pragma warning disable CA1001
internal sealed partial class SimulatedSupervisor : ISignalOperations, ISupervisorObserver
#pragma warning restore CA1001
{
    private static readonly OperationSlot s_none = new();
    private static readonly TimeSpan s_identifyTime = TimeSpan.FromSeconds(10);

    private readonly Machine _machine;
    private readonly SupervisorOptions _options;
    private readonly List<SupervisorsEnd> _ends = [];
    private readonly WorkerFollower _follower;
    private readonly LivenessWatch _watch;
    private ServiceSituation? _situation;
    private ServiceRun? _run;
    private SignalDesk? _signals;
    private ServiceSettings? _settings;
    private bool _isServing;

    internal SimulatedSupervisor(
        Machine machine, SupervisorOptions options, Legacy? legacy = null, ProgramFlaw flaw = ProgramFlaw.None)
    {
        (_machine, _options, _legacy, _flaw) = (machine, options, legacy, flaw);
        Era = new Era(machine.Scheduler);
        Era.Killed += OnKilled;
        _tryOut = new TryOutOf(Era, machine);
        _watch = new LivenessWatch(Era.Time);
        _follower = new WorkerFollower(new ServiceCounters(Era.Time), _watch);
    }

    /// <summary>Raised when it is killed, or has ended in order.</summary>
    internal event Action? Ended;

    internal Era Era { get; }

    internal StopWishes Wishes { get; } = new();

    internal OperationSlot Slot => _run?.Slot ?? s_none;

    internal Service? Service => _run?.Service;

    internal ServiceSituation? Situation => _situation;

    /// <summary>Gets whether it has begun and is not about to end. What it does after its death, in the step that killed it, is
    /// seen by nobody.</summary>
    internal bool IsServing => _isServing && !Era.IsDead;

    internal bool HasEnded { get; private set; }

    /// <summary>Gets what ended it that nobody foresaw; null when nothing did.</summary>
    internal Exception? Unexpected { get; private set; }

    internal int WorkerCount => _settings is null ? 1 : _situation!.WorkerCount(_settings);

    /// <summary>Gets the processes that wait to take over and serve nobody.</summary>
    internal IReadOnlyList<int> Waiting =>
        _run is null ? [] : [.. _run.Reserve.Waiting.Select(waiting => waiting.Worker).Concat(_run.Reserve.Starting)
            .Select(worker => worker.Pid)];

    /// <summary>Says whether it has a worker that neither has a slot nor waits for one: it is being ended.</summary>
    internal bool IsEnding(int pid) => !Waiting.Contains(pid) && _situation!.Pool.Workers.All(worker => worker.Pid != pid)
        && _ends.Exists(end => end.Pid == pid && !end.IsDisposed);

    internal bool LeaseIsInDoubt =>
        _machine.Temper.HasLease && _run is { Lease.IsInDoubt: true } && _situation is { Serving: not null };

    /// <summary>Gets the ends of channels between workers that it has made.</summary>
    internal List<ChannelEnd> Held { get; } = [];

    internal IReadOnlyList<string> WaitingSignals => _signals?.Waiting ?? [];

    internal void Start() => Era.Post(_ => _ = RunAsync(), null);

    internal void Hear(string signal)
    {
        if (!Wishes.TryTake(signal))
            _signals?.Hear(signal);
        else
            _machine.Law.IsStopping = true;
    }

    internal Worker Hold(SimulatedWorker started, WorkerPast? past)
    {
        var end = new SupervisorsEnd(Era, _machine, started);
        _ends.Add(end);
        return new Worker(new WorkerBirth(
            started.Name, started.Release.Id, Era.Time.GetUtcNow(), end, OnGone: null, past));
    }

    /// <summary>Says what it has not let go of.</summary>
    internal string? FindLeak()
    {
        if (_ends.Find(end => !end.IsDisposed) is { } kept)
            return $"{kept.Worker} was not let go of.";
        if (Held.Exists(end => !end.IsClosed))
            return "An end of a channel between workers was not closed.";
        return Era.Timers > 0 ? $"{Era.Timers} timers go on." : null;
    }

    public void OnEvent(SupervisorEvent what) => _machine.Trace.Say($"  {what.Name}: {what.Text}");

    public void OnOutput(long generation, string line)
    {
        // They write nothing.
    }

    Task<OperatorEvent> ISignalOperations.ReloadAsync(Operator who) =>
        Service!.ReloadAsync(() => _settings!.Model, who, onPhase: null, CancellationToken.None);

    Task<OperatorEvent> ISignalOperations.ScaleAsync(int by, Operator who) =>
        Service!.ScaleAsync(workers => Math.Min(workers + by, 4), who, onPhase: null, CancellationToken.None);

    Task<OperatorEvent> ISignalOperations.PauseAsync(Operator who) => Service!.PauseAsync(who);

    void ISignalOperations.ReopenLogs()
    {
        // There are none.
    }

    private async Task RunAsync()
    {
        try
        {
            _machine.Trace.Say($"a supervisor starts{(_legacy is null ? "" : ", as the next program")}");
            var found = _legacy is null ? await GatherAsync() : await AdoptAsync(_legacy);
            await ServeAsync(found);
        }
        catch (Exception failed) when (failed is SupervisorException or IOException && CanGiveBack)
        {
            await GiveBackAsync(failed.Message);
        }
        catch (Exception failed) when (failed is SupervisorException or IOException)
        {
            _machine.Trace.Say($"the supervisor gives up: {failed.Message}");
        }
        catch (Exception failed) when (!Era.IsDead)
        {
            // In a process it would be the end of the supervisor, without anybody having asked for it.
            Unexpected = failed;
            throw;
        }

        (_isServing, HasEnded) = (false, true);
        foreach (var left in _machine.Living)
            left.Orphan();
        _machine.Law.Changed();
        _machine.Trace.Say($"the supervisor has ended");
        Ended?.Invoke();
    }

    private void Create(IReadOnlyList<Worker> found)
    {
        var disk = new DiskOf(Era, _machine.Disk);
        var settings = new ServiceSettings(_options.Service);
        var situation = new ServiceSituation(disk, _machine.Disk.State ?? ServiceState.Initial("simulated"));
        if (_machine.Disk.State is null)
            situation.Write(known => known with { Command = settings.Model.Command });
        (_settings, _situation) = (settings, situation);
        _run = new ServiceRun(
            new Surroundings
            {
                Settings = settings,
                Situation = situation,
                Ledger = disk,
                Store = new ShelfOf(Era, _machine),
                Launcher = new LauncherOf(Era, _machine, _follower.Follow),
                Clients = new ClientsOf(Era, _machine),
                Listeners = ListenerSet.Adopt([], source: null),
                Reloads = new ReloadNotice(null),
                Watch = _watch,
                OnHung = (worker, fault) => _machine.Trace.Say($"{worker.Name} is found hung: {fault}"),
                Wishes = Wishes,
                Time = Era.Time,
                Observer = this,
            },
            _options);
        _upgrade = new SelfUpgrade(
            _run.Slot, _tryOut, _run.Service, static () => 0, situation.WriteOwed, Era.Time, _run.Stopping);
        _signals = new SignalDesk(this, _run.Slot, inputIsTerminal: false, this);
        foreach (var worker in found)
        {
            _run.Lease.Adopt(worker);
            _follower.Follow(worker);
        }
    }

    private async Task ServeAsync(IReadOnlyList<Worker> found)
    {
        var duties = Task.CompletedTask;
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(_run!.Stopping);
        try
        {
            using var interrupted = new CancellationTokenSource();
            _ = InterruptAtWishAsync(interrupted);
            if (_legacy is not null)
                await TakeChargeAsync(_legacy);
            else if (await _run.BeginAsync(found, interrupted.Token) is not ResultEvent { Release: not null })
                throw new SupervisorException(SupervisorFailure.FirstStartFailed, "The service did not start.");
            _isServing = true;
            duties = Task.WhenAll(_run.KeepAsync(leaving.Token), _signals!.RunAsync(leaving.Token));
            if (await Task.WhenAny(Wishes.First, _upgrade!.Wished) == _upgrade.Wished)
            {
                await leaving.CancelAsync();
                await duties;
                await _run.LeaveAsync();
                await DepartAsync(await _upgrade.Wished);
            }

            var wish = await Wishes.First;
            _run.Service.RecordStop(wish.Who);
        }
        finally
        {
            _isServing = false;
            _machine.Law.IsStopping = true;
            await _run.EndAsync();
            await duties;
            _run.Dispose();
        }
    }

    private async Task InterruptAtWishAsync(CancellationTokenSource interrupted)
    {
        await Wishes.First;
        try
        {
            await interrupted.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It serves already.
        }
    }

    private async Task<IReadOnlyList<Worker>> GatherAsync()
    {
        var found = (await Task.WhenAll(_machine.Living.ToList().Select(ReuniteAsync))).OfType<Worker>().ToList();
        Create(found);
        _situation!.IsPaused = found.Any(worker => worker.WasPaused);
        return found;
    }

    // Who does not answer in time holds the sockets, and is ended.
    private async Task<Worker?> ReuniteAsync(SimulatedWorker worker)
    {
        var answered = new TaskCompletionSource();
        Worker? taken = null;
        worker.Identify(() =>
        {
            if (answered.Task.IsCompleted || Era.IsDead)
                return;
            taken = Hold(worker, PastOf(worker));
            answered.TrySetResult();
        });
        var late = Task.Delay(s_identifyTime, Era.Time);
        await Task.WhenAny(answered.Task, late);
        if (!answered.TrySetResult())
            return taken;
        Era.TryAffect(() => worker.Die(ProcessExit.BySignal(Signal.SIGKILL)));
        return null;
    }

    private static WorkerPast PastOf(SimulatedWorker worker) => new(
        worker switch
        {
            { IsDraining: true } => GenerationState.Draining,
            { GateIsOpen: true } or { IsPaused: true } => GenerationState.Serving,
            { IsReady: true } => GenerationState.Ready,
            _ => GenerationState.Starting,
        },
        worker.Capabilities,
        ReadyInMs: null,
        worker.HoldsLease,
        worker.IsPaused);
}
