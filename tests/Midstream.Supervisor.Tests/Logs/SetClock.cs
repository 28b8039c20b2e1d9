// A clock that goes on, or is set, only when a test says so.

namespace Midstream.Supervisor.Tests.Logs;

internal sealed class SetClock : TimeProvider
{
    private readonly Lock _lock = new();
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private TimeSpan _elapsed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now;
    }

    public override long GetTimestamp()
    {
        lock (_lock)
            return _elapsed.Ticks;
    }

    /// <summary>Lets time pass.</summary>
    internal void Pass(TimeSpan time)
    {
        lock (_lock)
        {
            _now += time;
            _elapsed += time;
        }
    }

    /// <summary>Sets the clock, as an administrator does: no time passes.</summary>
    internal void Set(TimeSpan difference)
    {
        lock (_lock)
            _now += difference;
    }
}
