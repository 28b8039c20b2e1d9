using System.Collections.Concurrent;

namespace Midstream.Modules.Loading;

/// <summary>Time whose timers end with their generation: the runtime's list of timers would keep it in memory.</summary>
internal sealed class GenerationTime(TimeProvider clock) : TimeProvider, IDisposable
{
    private readonly ConcurrentDictionary<OwnedTimer, bool> _timers = new();
    private volatile bool _hasEnded;

    public override TimeZoneInfo LocalTimeZone => clock.LocalTimeZone;

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override long GetTimestamp() => clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new OwnedTimer(this, clock.CreateTimer(callback, state, dueTime, period));
        _timers[timer] = true;
        // Ended between the two: nobody else would dispose of it.
        if (_hasEnded)
            timer.Dispose();
        return timer;
    }

    public void Dispose()
    {
        _hasEnded = true;
        foreach (var timer in _timers.Keys)
            timer.Dispose();
    }

    private sealed class OwnedTimer(GenerationTime owner, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            owner._timers.TryRemove(this, out _);
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            owner._timers.TryRemove(this, out _);
            return timer.DisposeAsync();
        }
    }
}
