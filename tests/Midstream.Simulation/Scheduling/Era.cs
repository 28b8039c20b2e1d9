// The life of one supervisor process, or of the world around it: whatever awaits in it goes on in it, until it is killed. Then
// nothing of it happens any more, wherever it was.

namespace Midstream.Simulation.Scheduling;

internal sealed class Era : SynchronizationContext
{
    private readonly Scheduler _scheduler;
    private int _effectsLeft = int.MaxValue;
    private bool _killAfter;

    internal Era(Scheduler scheduler)
    {
        _scheduler = scheduler;
        Time = new VirtualTime(scheduler, this);
    }

    /// <summary>Raised at the kill.</summary>
    internal event Action? Killed;

    internal VirtualTime Time { get; }

    internal bool IsDead { get; private set; }

    /// <summary>Gets or sets the number of timers that may still fire.</summary>
    internal int Timers { get; set; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (!IsDead)
            _scheduler.Enqueue(this, d, state);
    }

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("Nobody may wait for another thread.");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Kills it at one of the next effects it has on the world.</summary>
    internal void KillAtEffect(int number, bool afterIt) => (_effectsLeft, _killAfter) = (number, afterIt);

    internal void Kill()
    {
        if (IsDead)
            return;
        IsDead = true;
        Killed?.Invoke();
    }

    /// <summary>Another program takes its place in the same process: nothing of it happens any more, and nobody has
    /// died.</summary>
    internal void Replace() => IsDead = true;

    /// <summary>Has an effect on the world, unless the process is dead by then.</summary>
    /// <returns>False when it is.</returns>
    internal bool TryAffect(Action effect)
    {
        if (IsDead)
            return false;
        var isLast = --_effectsLeft <= 0;
        if (!isLast || _killAfter)
            effect();
        if (isLast)
            Kill();
        return !IsDead;
    }
}
