// The clock of an era: it stands still while anything can run. The wall clock can be set; what is measured does not notice.

namespace Midstream.Simulation.Scheduling;

internal sealed class VirtualTime(Scheduler scheduler, Era era) : TimeProvider
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => scheduler.Now;

    public override DateTimeOffset GetUtcNow() => s_start + new TimeSpan(scheduler.Now) + scheduler.WallClockShift;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(scheduler, era, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class VirtualTimer(Scheduler scheduler, Era era, TimerCallback callback, object? state) : ITimer
    {
        private Due? _due;
        private TimeSpan _period;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Cancel();
            _period = period;
            if (dueTime == Timeout.InfiniteTimeSpan || era.IsDead)
                return true;
            _due = scheduler.At(dueTime, Fire);
            era.Timers++;
            return true;
        }

        public void Dispose() => Cancel();

        public ValueTask DisposeAsync()
        {
            Cancel();
            return ValueTask.CompletedTask;
        }

        private void Fire()
        {
            _due = null;
            era.Timers--;
            if (era.IsDead)
                return;
            if (_period > TimeSpan.Zero)
                Change(_period, _period);
            callback(state);
        }

        private void Cancel()
        {
            if (_due is null)
                return;
            _due.IsCancelled = true;
            _due = null;
            era.Timers--;
        }
    }
}
