// One history, from a seed: a service that is started, asked for this and that, and struck by all that can go wrong; then nothing
// goes wrong any more, and it must settle, do what it is asked to, and end without leaving anything behind.

using Midstream.Control.Operators;
using Midstream.Linux;
using Midstream.Simulation.Scheduling;
using Midstream.Simulation.World;
using Midstream.Supervisor;
using Midstream.Supervisor.Signals;
using Release = Midstream.Simulation.World.Release;

namespace Midstream.Simulation.Histories;

/// <summary>How a history ended.</summary>
/// <param name="Hash">Sums up every step.</param>
/// <param name="Steps">How many there were.</param>
/// <param name="Fault">What must not have been; null when all was well.</param>
internal sealed record Outcome(ulong Hash, long Steps, string? Fault);

internal sealed class History
{
    private const long StepsMax = 400_000;
    private static readonly TimeSpan s_settleTime = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_downTime = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan s_programTime = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly Dice _dice;
    private readonly Scheduler _scheduler;
    private readonly Trace _trace;
    private readonly Temper _temper;
    private readonly Machine _machine;
    private readonly Operators _operators;
    private readonly Era _world;
    private readonly Release _first;
    private readonly List<Release> _known = [];
    private bool _isEnding;
    private bool _isOver;
    private Exception? _failure;

    private History(ulong seed, TextWriter? reader)
    {
        _dice = new Dice(seed);
        _scheduler = new Scheduler(_dice);
        _trace = new Trace(_scheduler, reader);
        _temper = Temper.Of(_dice);
        _machine = new Machine(_scheduler, _dice, _temper, _trace);
        _operators = new Operators(_machine);
        _world = new Era(_scheduler);
        _first = _machine.Make(Flaw.None);
        _known.Add(_first);
    }

    internal static async Task<Outcome> RunAsync(ulong seed, TextWriter? reader = null)
    {
        var history = new History(seed, reader);
        string? fault = null;
        try
        {
            history._trace.Say($"{history._temper}");
            history._world.Post(_ => _ = history.DriveAsync(), null);
            await history._scheduler.RunAsync(() => history._isOver, StepsMax, history._machine.Law.Look);
            if (history._failure is { } failure)
                fault = failure is Violation ? failure.Message : failure.ToString();
            else if (!history._isOver)
                fault = $"It did not come to an end within {history._scheduler.Steps} steps.";
        }
        catch (Exception failure)
        {
            fault = failure is Violation ? failure.Message : failure.ToString();
        }

        return new Outcome(history._scheduler.Hash, history._scheduler.Steps, fault);
    }

    private async Task DriveAsync()
    {
        try
        {
            StartSupervisor();
            await UntilAsync(() => _machine.Supervisor is not { IsServing: false, HasEnded: false }, s_settleTime, "start");
            for (var deeds = 2 + _dice.Below(8); deeds > 0; deeds--)
            {
                await PassAsync(_dice.Within(TimeSpan.FromSeconds(20)));
                Do();
            }

            await PassAsync(_dice.Within(TimeSpan.FromSeconds(20)));
            await SettleAsync();
            await ServeOnceMoreAsync();
            await EndAsync();
        }
        catch (Exception failure)
        {
            _failure = failure;
        }

        _isOver = true;
    }

    private void Do()
    {
        switch (_dice.Below(18))
        {
            case 0 or 1 or 2:
                Deploy();
                break;
            case 3:
                _operators.RollBack(_dice.OneIn(2) ? null : _known[_dice.Below(_known.Count)].Id);
                break;
            case 4:
                Reload();
                break;
            case 5:
                _operators.Scale(1 + _dice.Below(4));
                break;
            case 6 when _temper.IsPaused:
                _operators.Pause();
                break;
            case 7 when _temper.IsPaused:
                _operators.Resume();
                break;
            case 8:
                Signal();
                break;
            case 9 or 10 when _temper.SupervisorIsKilled:
                KillSupervisor();
                break;
            case 11 when _temper.WorkersFail:
                StrikeWorker();
                break;
            case 12 when _temper.DiskFills:
                FillDisk();
                break;
            case 13 when _temper.ClockIsSet:
                _scheduler.WallClockShift += TimeSpan.FromSeconds(_dice.Below(200_000) - 100_000);
                break;
            case 14 or 15:
                Prepare();
                break;
            case 16 or 17 when _temper.IsUpgraded:
                Upgrade();
                break;
            default:
                if (_temper.IsStopped && _dice.OneIn(4))
                    Stop();
                break;
        }
    }

    private void Deploy() => _operators.Deploy(ChooseRelease(), again: _dice.OneIn(3));

    // And its deployment, at times, before or after its time is over; another's in its place; or nobody's.
    private void Prepare()
    {
        var release = ChooseRelease();
        _operators.Prepare(release);
        switch (_dice.Below(6))
        {
            case 0 or 1 or 2:
                Later(TimeSpan.FromSeconds(60), () => _operators.Deploy(release));
                break;
            case 3:
                Later(TimeSpan.FromSeconds(10), _operators.Discard);
                break;
        }
    }

    // In which it is at times killed, or told to stop.
    private void Upgrade()
    {
        _operators.Upgrade();
        if (_temper.SupervisorIsKilled && _dice.OneIn(3))
            Later(TimeSpan.FromSeconds(1), () => _machine.Supervisor?.Era.Kill());
        if (_temper.IsStopped && _dice.OneIn(3))
            Later(TimeSpan.FromSeconds(1), Stop);
    }

    // Not when nothing is to go wrong any more.
    private void Later(TimeSpan within, Action deed) => _machine.After(_dice.Within(within), () =>
    {
        if (_machine.IsFaulty)
            deed();
    });

    private Release ChooseRelease()
    {
        var flaw = _temper.ReleasesAreBad && _dice.OneIn(2)
            ? _dice.Of(Enum.GetValues<Flaw>()) : Flaw.None;
        var release = _dice.OneIn(4) ? _known[_dice.Below(_known.Count)] : _machine.Make(flaw);
        _known.Add(release);
        return release;
    }

    private void Reload()
    {
        var next = _temper.Another(_dice);
        _operators.Reload(_dice.Below(5) switch
        {
            0 => static () => throw new SupervisorException(SupervisorFailure.ConfigurationInvalid, "It is invalid."),
            _ => () => next,
        });
    }

    private void Signal()
    {
        for (var count = 1 + _dice.Below(4); count > 0; count--)
        {
            var signal = _dice.Of(
                SignalNames.Hup, SignalNames.Ttin, SignalNames.Ttou, SignalNames.Usr1,
                _temper.IsPaused ? SignalNames.Winch : SignalNames.Hup,
                _temper.IsUpgraded ? SignalNames.Usr2 : SignalNames.Hup);
            _trace.Say($"signal {signal}");
            _machine.Supervisor?.Era.Post(_ => _machine.Supervisor.Hear(signal), null);
        }
    }

    private void KillSupervisor()
    {
        if (_machine.Supervisor is not { } supervisor)
            return;
        if (_dice.OneIn(3))
            supervisor.Era.Kill();
        else
            supervisor.Era.KillAtEffect(1 + _dice.Below(12), afterIt: _dice.OneIn(2));
    }

    private void StrikeWorker()
    {
        var living = _machine.Living.ToList();
        if (living.Count == 0)
            return;
        var worker = living[_dice.Below(living.Count)];
        _machine.Strike(worker, "is struck");
        if (_dice.OneIn(3))
            worker.Hang();
        else
            worker.Die(ProcessExit.BySignal(Linux.Signal.SIGKILL));
    }

    private void FillDisk()
    {
        _trace.Say($"the disk is full");
        _machine.Disk.IsFull = true;
        _machine.After(_dice.Within(TimeSpan.FromSeconds(30)), () => _machine.Disk.IsFull = false);
    }

    private void Stop()
    {
        var supervisor = _machine.Supervisor;
        for (var times = 1 + _dice.Below(2); times > 0; times--)
        {
            var signal = _dice.Of(SignalNames.Term, SignalNames.Quit);
            _trace.Say($"signal {signal}");
            supervisor?.Era.Post(_ => supervisor.Hear(signal), null);
        }
    }

    // Whenever it has ended, a service manager starts it again.
    private void StartSupervisor() => Run(legacy: null, ProgramFlaw.None, after: TimeSpan.Zero);

    private void Run(Legacy? legacy, ProgramFlaw flaw, TimeSpan after)
    {
        _machine.Law.IsStopping = false;
        var options = new SupervisorOptions
        {
            Service = legacy?.Model ?? _temper.Service,
            StateRoot = "/simulated",
            Folder = _first.Folder,
        };
        var supervisor = new SimulatedSupervisor(_machine, options, legacy, flaw);
        supervisor.Era.Killed += _machine.Law.Changed;
        supervisor.Ended += () => _machine.After(_dice.Within(s_downTime), () =>
        {
            if (_machine.Supervisor == supervisor && !_isEnding)
                StartSupervisor();
        });
        supervisor.Left += (left, next) => Run(left, next, _dice.Within(s_programTime));
        _machine.Supervisor = supervisor;
        _machine.After(after, supervisor.Start);
    }

    private async Task SettleAsync()
    {
        _trace.Say($"from here on nothing goes wrong any more");
        (_machine.IsFaulty, _machine.Disk.IsFull) = (false, false);
        _machine.Supervisor?.Era.KillAtEffect(int.MaxValue, afterIt: false);
        foreach (var worker in _machine.Living.ToList())
            worker.Recover();
        await UntilAsync(IsQuiet, s_settleTime, "settle");
        if (_machine.Supervisor is { Situation.Problem: null })
            RequireSettled();
    }

    private async Task ServeOnceMoreAsync()
    {
        _operators.Resume();
        await UntilAsync(IsQuiet, s_settleTime, "resume");
        _operators.Deploy(_machine.Make(Flaw.None), again: true);
        await UntilAsync(IsQuiet, s_settleTime, "deploy");
        if (_operators.LastAnswer is not ResultEvent { Outcome: Outcomes.Committed })
            throw new Violation($"Nothing is wrong any more, and a deployment ended with {_operators.LastAnswer}");
        RequireSettled();
    }

    private async Task EndAsync()
    {
        var supervisor = _machine.Supervisor!;
        _isEnding = true;
        supervisor.Era.Post(_ => supervisor.Hear(_dice.Of(SignalNames.Term, SignalNames.Quit)), null);
        await UntilAsync(() => supervisor.HasEnded, s_settleTime, "stop");
        if (_machine.Living.FirstOrDefault() is { } left)
            throw new Violation($"The service is stopped, and {left} lives.");
        // Waits that nobody waits for any more may last as long as they would have.
        await PassAsync(s_settleTime);
        if (supervisor.FindLeak() is { } leak)
            throw new Violation($"The supervisor has ended. {leak}");
    }

    private bool IsQuiet()
    {
        return _machine.Supervisor is
            {
                IsServing: true, Slot.Current: null, WaitingSignals.Count: 0, LeaseIsInDoubt: false,
            } supervisor
            && !_operators.Open.Any()
            && !_machine.Living.Any(worker => supervisor.IsEnding(worker.Pid))
            && (supervisor.Situation!.Problem is not null || supervisor.Situation.Pool.Serving.Count == supervisor.WorkerCount);
    }

    private void RequireSettled()
    {
        var state = _machine.Disk.State!;
        var waiting = _machine.Supervisor!.Waiting;
        var living = _machine.Living.Where(worker => !waiting.Contains(worker.Pid)).ToList();
        if (!state.Committed)
            throw new Violation($"It is settled, but {state.Current} is not committed.");
        var count = _machine.Supervisor.WorkerCount;
        var wrong = living.Find(worker => !worker.Serves || worker.Release.Id != state.Current);
        if (living.Count != count || wrong is not null)
            throw new Violation($"It is settled, but there are {string.Join(", ", living)} in {count} slots ({wrong} is wrong).");
        if (_temper.HasState && living.Find(worker => !worker.IsInCharge) is { } idle)
            throw new Violation($"It is settled, but {idle} is not in charge of its state.");
        if (_temper.HasLease && living.Count(worker => worker.HoldsLease) != 1)
            throw new Violation("It is settled, but nobody runs the singular services.");
    }

    private Task PassAsync(TimeSpan time) => Task.Delay(time, _world.Time);

    private async Task UntilAsync(Func<bool> holds, TimeSpan within, string what)
    {
        var end = _scheduler.Now + within.Ticks;
        do
        {
            await PassAsync(s_look);
            if (_machine.Supervisor?.Unexpected is { } unexpected)
                throw new Violation($"The supervisor has ended over {unexpected}");
            if (holds())
                return;
        }
        while (_scheduler.Now < end);
        throw new Violation($"It did not {what} within {within.TotalMinutes:0} minutes. Open: " +
            $"{string.Join(", ", _operators.Open)}; slot: {_machine.Supervisor?.Slot.Current?.Kind}.");
    }
}
