// A worker's process as the worker protocol has it: what it answers, when, and what it does when it does not. It lives on when
// its supervisor is killed.

using Midstream.Control.Workers;
using Midstream.Linux;
using Midstream.Supervisor.Workers;

namespace Midstream.Simulation.World;

internal sealed class SimulatedWorker
{
    private static readonly TimeSpan s_orphanTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_startTime = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan s_answerTime = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_lateness = TimeSpan.FromSeconds(40);

    private readonly Machine _machine;
    private readonly Queue<Action> _inbox = new();
    private bool _isBusy;
    private int _turns;
    private int _drains;
    private Pair? _giving;
    private Pair? _taking;
    private SupervisorsEnd? _supervisor;

    internal SimulatedWorker(Machine machine, WorkerName name, Release release, int pid)
    {
        (_machine, Name, Release, Pid) = (machine, name, release, pid);
        _isBusy = true;
        machine.After(machine.Latency(s_startTime), Begin);
    }

    internal WorkerName Name { get; }

    internal Release Release { get; }

    internal int Pid { get; }

    internal bool IsAlive { get; private set; } = true;

    internal bool IsReady { get; private set; }

    internal bool GateIsOpen { get; private set; }

    internal bool IsDraining { get; private set; }

    internal bool IsPaused { get; private set; }

    internal bool HoldsLease { get; private set; }

    internal bool IsInCharge { get; private set; }

    internal bool IsHung { get; private set; }

    internal long DiedAt { get; private set; }

    /// <summary>Gets whether it accepts connections, or would if the service were not paused.</summary>
    internal bool Serves => IsAlive && (GateIsOpen || IsPaused) && !IsDraining;

    internal IReadOnlyList<string> Capabilities =>
    [
        .. Release.HandsOver ? [WorkerCapabilities.HandOver] : (string[])[],
        .. Release.HasState ? [WorkerCapabilities.State] : (string[])[],
        .. Release.HasLease ? [WorkerCapabilities.Lease] : (string[])[],
        .. _machine.Temper.Reports ? [WorkerCapabilities.Report] : (string[])[],
    ];

    internal bool HasFlaw(Flaw flaw) => _machine.IsFaulty && Release.Flaw == flaw;

    /// <summary>Takes a supervisor, or the next program of the same one.</summary>
    /// <returns>What it has said and nobody has read.</returns>
    internal IReadOnlyList<WorkerMessage> Attach(SupervisorsEnd supervisor)
    {
        var unread = _supervisor?.TakeUnread() ?? [];
        _supervisor = supervisor;
        return unread;
    }

    /// <summary>Its supervisor's process is gone, and nobody else has its end of the channel.</summary>
    internal void Orphan()
    {
        if (_supervisor is { } gone)
            Detach(gone);
    }

    internal void Detach(SupervisorsEnd supervisor)
    {
        if (_supervisor != supervisor)
            return;
        _supervisor = null;
        // As in the real one: who serves nobody does not wait for ever.
        if (!GateIsOpen && !IsPaused)
            _machine.After(s_orphanTime, () =>
            {
                if (_supervisor is null && !GateIsOpen && !IsPaused)
                    Die(ProcessExit.WithCode(0));
            });
    }

    /// <summary>Takes a message of a supervisor; it is read in its turn.</summary>
    internal void Deliver(WorkerMessage message, ChannelEnd? channel) => Enqueue(() => Handle(message, channel));

    /// <summary>Asks it to identify itself, as the next supervisor does; it reads what the last one has sent first.</summary>
    internal void Identify(Action answered) => Enqueue(answered);

    internal void Hang()
    {
        IsHung = true;
        _machine.Strike(this, "hangs");
    }

    internal void Recover()
    {
        IsHung = false;
        // Who is late is so no longer.
        if (!_isBusy)
            Next();
        else if (_turns > 0)
            Take(after: _machine.Latency(s_answerTime));
    }

    internal void Signal(int signal)
    {
        if (signal == Linux.Signal.SIGKILL)
            _machine.After(_machine.Latency(TimeSpan.FromMilliseconds(1)), () => Die(ProcessExit.BySignal(signal)));
        else if (!IsHung)
            _machine.After(_machine.Latency(s_startTime), () => Die(ProcessExit.WithCode(0)));
    }

    internal void Die(ProcessExit exit)
    {
        if (!IsAlive)
            return;
        _machine.Trace.Say($"{this} {exit}");
        (IsAlive, HoldsLease, IsInCharge, DiedAt) = (false, false, false, _machine.Scheduler.Now);
        if (_giving is { Heir: { IsAlive: true, IsReady: false } heir })
            heir.Say(new StateImportedMessage(0, 0, 0, "The old generation has died."));
        _supervisor?.WorkerEnded(exit);
        _machine.Law.Changed();
    }

    public override string ToString() => $"{Name} ({Release.Id})";

    private void Begin()
    {
        if (HasFlaw(Flaw.ExitsAtStart))
        {
            Die(ProcessExit.WithCode(1));
            return;
        }

        Say(new HelloMessage(WorkerChannel.Protocol, "simulated", Capabilities));
        if (!Release.HasState)
            _machine.After(_machine.Latency(s_startTime), BecomeReady);
        _isBusy = false;
        Beat();
        Next();
    }

    private void Beat()
    {
        if (!_machine.Temper.Reports || !IsAlive)
            return;
        if (!IsHung)
            Say(new ReportMessage(new WorkerReport(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)));
        _machine.After(TimeSpan.FromSeconds(4), Beat);
    }

    private void BecomeReady()
    {
        if (!IsAlive || IsHung || HasFlaw(Flaw.NeverReady))
            return;
        if (HasFlaw(Flaw.SaysFailed))
        {
            Say(new FailedMessage("It cannot."));
            return;
        }

        IsReady = true;
        Say(new ReadyMessage());
    }

    private void Enqueue(Action action)
    {
        _inbox.Enqueue(action);
        if (!_isBusy)
            Next();
    }

    private void Next()
    {
        if (!IsAlive || IsHung || _inbox.Count == 0)
            return;
        _isBusy = true;
        Take(after: Befall() ?? _machine.Latency(s_answerTime));
    }

    private void Take(TimeSpan after)
    {
        var turn = ++_turns;
        _machine.After(after, () =>
        {
            if (turn != _turns)
                return;
            _isBusy = false;
            if (!IsAlive || IsHung)
                return;
            if (_inbox.TryDequeue(out var action))
                action();
            Next();
        });
    }

    // What goes wrong when it is asked something.
    private TimeSpan? Befall()
    {
        if (!_machine.IsFaulty || !_machine.Temper.WorkersFail || !_machine.Dice.OneIn(25))
            return null;
        switch (_machine.Dice.Below(3))
        {
            case 0:
                _machine.Strike(this, "crashes over a message");
                Die(ProcessExit.WithCode(139));
                return TimeSpan.Zero;
            case 1:
                Hang();
                return TimeSpan.Zero;
            default:
                _machine.Strike(this, "is late");
                return _machine.Dice.Within(s_lateness);
        }
    }

    private void Handle(WorkerMessage message, ChannelEnd? channel)
    {
        _machine.Trace.Say($"{this} reads {message.GetType().Name}");
        switch (message)
        {
            case ActivateMessage activate:
                Activate(activate.KeepGateClosed == true);
                break;
            case DrainMessage drain:
                Drain(TimeSpan.FromMilliseconds(drain.TimeoutMs));
                break;
            case PauseMessage:
                Pause();
                Say(new PausedMessage());
                break;
            case ResumeMessage resume:
                _drains++;
                Enter(resume.KeepGateClosed == true);
                Say(new ResumedMessage());
                break;
            case StopMessage:
                Stop();
                break;
            case IdentifyMessage:
                Say(new IdentityMessage(
                    new HelloMessage(WorkerChannel.Protocol, "simulated", Capabilities), Pid, Name.Generation, Name.Slot,
                    Release.Id, IsReady, GateIsOpen, IsDraining, IsPaused ? true : null));
                break;
            case GrantLeaseMessage:
                TakeLease();
                break;
            case RevokeLeaseMessage:
                _machine.After(_machine.Latency(s_answerTime), ReleaseLease);
                break;
            default:
                HandleState(message, channel?.Pair);
                break;
        }
    }

    private void Activate(bool keepGateClosed)
    {
        var refuses = HasFlaw(Flaw.RefusesItsGate);
        if (refuses && _machine.Dice.OneIn(2))
            return;
        Enter(keepGateClosed);
        if (refuses)
            return;
        Say(new ActivatedMessage());
        if (HasFlaw(Flaw.CrashesInProbation))
            _machine.After(_machine.Dice.Within(_machine.Temper.Probation / 2), () => Die(ProcessExit.WithCode(134)));
    }

    private void Drain(TimeSpan timeout)
    {
        _machine.Law.GateCloses(this);
        (GateIsOpen, IsPaused) = (false, false);
        IsDraining = true;
        var number = ++_drains;
        _machine.Law.Changed();
        _machine.After(_machine.Latency(timeout), () =>
        {
            if (IsAlive && !IsHung && number == _drains)
                Say(new DrainedMessage(new DrainReport(1, 0, 0, 0, 1)));
        });
    }

    private void Stop()
    {
        if (IsFaultyNow(20))
            return;
        if (Serves)
            _machine.Law.GateCloses(this);
        _machine.After(_machine.Latency(s_startTime), () => Die(ProcessExit.WithCode(0)));
    }

    private void Enter(bool keepGateClosed)
    {
        var (served, resumes) = (Serves, IsDraining);
        (GateIsOpen, IsPaused, IsDraining) = (!keepGateClosed, keepGateClosed, false);
        _machine.Law.Changed();
        // Who had begun to let go serves on when its heir dies, whatever its release: better than nobody.
        if (!served && !resumes)
            _machine.Law.GateOpened(this);
    }

    private void Pause()
    {
        (GateIsOpen, IsPaused) = (false, true);
        _machine.Law.Changed();
    }

    private void TakeLease()
    {
        if (HasFlaw(Flaw.CannotTakeTheLease) || IsFaultyNow(10))
        {
            Say(new LeaseTakenMessage("It cannot."));
            return;
        }

        HoldsLease = true;
        _machine.Law.LeaseChanged();
        _machine.After(_machine.Latency(s_answerTime), () => Say(new LeaseTakenMessage()));
    }

    private void ReleaseLease()
    {
        if (!IsAlive || IsHung)
            return;
        if (IsFaultyNow(10))
        {
            Say(new LeaseReleasedMessage("It does not stop."));
            return;
        }

        HoldsLease = false;
        Say(new LeaseReleasedMessage());
    }

    private void HandleState(WorkerMessage message, Pair? pair)
    {
        switch (message)
        {
            case ImportStateMessage when pair is null:
                BeInCharge();
                Imported();
                break;
            case ImportStateMessage:
                (_taking, pair.Heir) = (pair, this);
                Export(pair);
                break;
            case ExportStateMessage when pair is not null:
                (_giving, pair.Old) = (pair, this);
                Export(pair);
                break;
            case HandOverStateMessage:
                Say(HandOver());
                break;
            case KeepStateMessage:
                BeInCharge();
                _giving = null;
                Say(new StateKeptMessage());
                break;
            case TakeStateMessage:
                BeInCharge();
                Say(new StateTakenMessage());
                break;
        }
    }

    private void Export(Pair pair)
    {
        if (pair is not { Old: { } old, Heir: { } heir })
            return;
        _machine.After(_machine.Latency(s_startTime), () =>
        {
            if (!old.IsAlive || old.IsHung || !heir.IsAlive || heir.IsHung)
                return;
            old.Say(new StateExportedMessage(1));
            heir.Imported();
        });
    }

    private void Imported()
    {
        if (HasFlaw(Flaw.CannotImport))
        {
            Say(new StateImportedMessage(0, 0, 0, "It cannot read it."));
            return;
        }

        Say(new StateImportedMessage(1, 1, 1));
        _machine.After(_machine.Latency(s_startTime), BecomeReady);
    }

    private StateHandedOverMessage HandOver()
    {
        if (!IsInCharge || _giving is not { Heir: { IsAlive: true, IsHung: false } heir } || heir._taking != _giving)
            return new StateHandedOverMessage(0, 0, "There is nobody to hand it to.");
        if (IsFaultyNow(10))
            return new StateHandedOverMessage(0, 0, "The freeze took too long.");
        IsInCharge = false;
        heir.BeInCharge();
        // The answer of the new one may be lost: then this one cannot tell who is in charge.
        return IsFaultyNow(10)
            ? new StateHandedOverMessage(0, 0, "The new one did not answer.") : new StateHandedOverMessage(1, 1);
    }

    private void BeInCharge()
    {
        IsInCharge = true;
        _machine.Law.TookCharge(this);
    }

    private bool IsFaultyNow(int oneIn)
    {
        if (!_machine.IsFaulty || !_machine.Temper.WorkersFail || !_machine.Dice.OneIn(oneIn))
            return false;
        _machine.Strike(this, "does not do what it is told");
        return true;
    }

    private void Say(WorkerMessage message)
    {
        if (IsAlive)
            _supervisor?.Receive(message);
    }
}
