// Runs a history on one thread: of all that can go on, the seed says what goes on next; when nothing can, time passes to the next
// timer. What the base library puts into the thread pool (there is one thread in it, this one) is run to its end between two
// steps, in the pool's own order.

namespace Midstream.Simulation.Scheduling;

/// <summary>Something that happens at a time.</summary>
internal sealed class Due(Action action)
{
    internal bool IsCancelled { get; set; }

    internal void Fire()
    {
        if (!IsCancelled)
            action();
    }
}

internal sealed class Scheduler(Dice dice)
{
    // Of what can go on at once, a timer that is due within this time is a part: a thread may be that slow.
    private const long SlownessTicks = 2 * TimeSpan.TicksPerMillisecond;

    private readonly List<(Era Era, SendOrPostCallback Callback, object? State)> _ready = [];
    private readonly PriorityQueue<Due, (long At, long Order)> _timers = new();
    private long _order;
    private Action? _afterStep;

    internal long Now { get; private set; }

    internal TimeSpan WallClockShift { get; set; }

    internal long Steps { get; private set; }

    /// <summary>Gets what sums all steps up: two runs with the same are the same.</summary>
    internal ulong Hash { get; private set; } = 14695981039346656037;

    internal void Enqueue(Era era, SendOrPostCallback callback, object? state) => _ready.Add((era, callback, state));

    internal Due At(TimeSpan delay, Action action)
    {
        var due = new Due(action);
        _timers.Enqueue(due, (Now + Math.Max(0, delay.Ticks), ++_order));
        return due;
    }

    internal void Mix(long value) => Hash = (Hash ^ (ulong)value) * 1099511628211;

    /// <summary>Runs until a condition holds, nothing can happen any more, or there were too many steps.</summary>
    internal Task RunAsync(Func<bool> isOver, long stepsMax, Action afterStep)
    {
        _afterStep = afterStep;
        var finished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ThreadPool.UnsafeQueueUserWorkItem(_ => Pump(isOver, stepsMax, finished), null);
        return finished.Task;
    }

    private void Pump(Func<bool> isOver, long stepsMax, TaskCompletionSource finished)
    {
        try
        {
            while (!isOver())
            {
                if (ThreadPool.PendingWorkItemCount > 0)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(_ => Pump(isOver, stepsMax, finished), null);
                    return;
                }

                if (Steps >= stepsMax || !Step())
                    break;
                _afterStep!();
            }

            finished.SetResult();
        }
        catch (Exception failure)
        {
            finished.SetException(failure);
        }
    }

    private bool Step()
    {
        Steps++;
        if (_ready.Count > 0 && !IsTimerFirst())
        {
            RunReady();
            return true;
        }

        while (_timers.TryDequeue(out var due, out var when))
        {
            if (due.IsCancelled)
                continue;
            Now = Math.Max(Now, when.At);
            Mix(Now);
            due.Fire();
            return true;
        }

        return false;
    }

    // A cancelled one is none: behind it may be one that is due much later, or nothing.
    private bool IsTimerFirst()
    {
        if (!dice.OneIn(16))
            return false;
        while (_timers.TryPeek(out var next, out _) && next.IsCancelled)
            _timers.Dequeue();
        return _timers.TryPeek(out _, out var when) && when.At - Now <= SlownessTicks;
    }

    private void RunReady()
    {
        var index = dice.Below(_ready.Count);
        var (era, callback, state) = _ready[index];
        Mix((_ready.Count << 16) | index);
        _ready[index] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        if (era.IsDead)
            return;
        SynchronizationContext.SetSynchronizationContext(era);
        try
        {
            callback(state);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(null);
        }
    }
}
