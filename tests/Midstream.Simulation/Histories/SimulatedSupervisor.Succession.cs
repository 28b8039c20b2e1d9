// How one program of a simulated supervisor follows another in the same process, as in SupervisorRun: the parts that decide are
// the real ones; what is executed, what is left, and the guard are simulated.

using Midstream.Control.Operators;
using Midstream.Simulation.World;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Signals;
using Midstream.Supervisor.Succession;
using Midstream.Supervisor.Workers;

namespace Midstream.Simulation.Histories;

internal sealed partial class SimulatedSupervisor
{
    private static readonly TimeSpan s_guardTime = TimeSpan.FromMilliseconds(50);

    private readonly Legacy? _legacy;
    private readonly ProgramFlaw _flaw;
    private readonly TryOutOf _tryOut;
    private SelfUpgrade? _upgrade;
    private bool _isInCharge;

    /// <summary>Raised when another program is to go on with what it leaves: the next, the one before, or the guard.</summary>
    internal event Action<Legacy, ProgramFlaw>? Left;

    /// <summary>Gets whether there is a program to go back to, and a guard that does so when it is killed.</summary>
    private bool CanGiveBack => _legacy is { Failure: null } && !_isInCharge;

    /// <summary>Replaces its own program.</summary>
    internal Task<OperatorEvent?> UpgradeAsync(Operator who, Action<PhaseEvent>? said) =>
        _upgrade!.RunAsync("/simulated/midstream", who, said, connection: null);

    Task<OperatorEvent?> ISignalOperations.UpgradeAsync(Operator who) => UpgradeAsync(who, said: null);

    private void OnKilled()
    {
        _machine.Trace.Say($"the supervisor is killed");
        if (CanGiveBack)
        {
            // The guard has its copies of all that was open: nobody notices.
            Left?.Invoke(_legacy! with { Failure = "It was killed." }, ProgramFlaw.None);
            return;
        }

        foreach (var worker in _machine.Living)
            worker.Orphan();
        Ended?.Invoke();
    }

    private async Task<IReadOnlyList<Worker>> AdoptAsync(Legacy legacy)
    {
        if (CanGiveBack)
            await FailAsFlawedAsync();
        List<Worker> found = [.. legacy.Workers.Where(left => left.Worker.IsAlive).Select(left => Hold(left.Worker, left.Past))];
        Create(found);
        (_run!.Service.Deployments, _run.Upkeep.Restarts) = (legacy.Deployments, legacy.Restarts);
        _situation!.IsPaused = legacy.IsPaused;
        foreach (var worker in found)
            _situation.Pool.Put(worker);
        if (CanGiveBack && await Arrival.FindFaultAsync(found, _settings!.Model.Upgrade.Timeout / 3) is { } fault)
            await GiveBackAsync(fault);
        foreach (var signal in legacy.Signals)
            Hear(signal);
        return found;
    }

    // The guard takes the place of one that hangs or dies, as another process; for what is simulated here that is the same.
    private async Task FailAsFlawedAsync()
    {
        if (_flaw is ProgramFlaw.None or ProgramFlaw.FailsItsTryOut or ProgramFlaw.HangsInItsTryOut)
            return;
        await Task.Delay(
            _flaw == ProgramFlaw.Hangs ? _legacy!.Model.Upgrade.Timeout : _machine.Latency(s_guardTime), Era.Time);
        await GiveBackAsync($"It is unfit: {_flaw}.");
    }

    private async Task TakeChargeAsync(Legacy legacy)
    {
        await Task.Delay(_machine.Latency(s_guardTime), Era.Time);
        _isInCharge = true;
        _run!.Service.UpgradeEnded(legacy.Asked, legacy.Failure, elapsedMs: 0);
    }

    private Task GiveBackAsync(string reason) => BecomeAsync(
        _legacy! with { Failure = reason, Signals = [.. _legacy.Signals, .. Wishes.Waiting] }, ProgramFlaw.None);

    // As Departure does it.
    private async Task DepartAsync(UpgradeWish wish)
    {
        wish.Reserve.Dispose();
        var lease = _run!.Lease;
        var living = _situation!.Pool.Workers.Where(worker => !worker.Exited.IsCompleted);
        var remains = await Task.WhenAll(living.Select(worker =>
            worker.ReleaseAsync(lease.Holder == worker, lease.Holder == worker && lease.IsInDoubt)));
        await BecomeAsync(
            new Legacy(
                [.. remains.Select(left => new Inherited(
                    _machine.Workers.First(worker => worker.Pid == left.Process.Pid), left.Past))],
                _settings!.Model,
                _situation.IsPaused,
                [.. _signals!.Waiting, .. Wishes.Waiting],
                _run.Service.Deployments,
                _run.Upkeep.Restarts,
                wish.Operation.Who),
            _tryOut.Flaw);
    }

    // Nothing of this program goes on after it.
    private Task BecomeAsync(Legacy legacy, ProgramFlaw flaw)
    {
        _machine.Trace.Say($"the supervisor becomes another program{(legacy.Failure is { } why ? $": {why}" : "")}");
        _isServing = false;
        if (!Era.IsDead)
        {
            if (Wishes.First.IsCompleted && !legacy.Signals.Any(signal => signal is SignalNames.Term or SignalNames.Quit))
                throw new Violation("A wish to stop is forgotten over an update.");
            Era.Replace();
            Left?.Invoke(legacy, flaw);
        }

        return new TaskCompletionSource().Task;
    }
}
