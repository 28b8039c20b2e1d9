using System.Diagnostics;

namespace Midstream.Prove;

// What is done to the target while a run is under way, such as its upgrade: the report then tells the latencies of these periods
// from the others. Only whoever does it knows when it begins and ends.

/// <summary>
/// Marks periods of a run. Thread-safe; one period at a time. It serves one run, and may be used before that begins.
/// </summary>
public sealed class PeriodMarker
{
    private readonly Lock _lock = new();
    private readonly List<(long From, long To)> _ended = [];
    private long _openSince = long.MaxValue;
    private long _lastEnd = long.MinValue;

    /// <summary>Begins a period.</summary>
    /// <returns>Ends the period when disposed of; disposing twice does no harm.</returns>
    /// <exception cref="InvalidOperationException">The period before has not ended.</exception>
    public IDisposable Begin()
    {
        lock (_lock)
        {
            if (_openSince != long.MaxValue)
                throw new InvalidOperationException("One period at a time: the one before has not ended.");
            Volatile.Write(ref _openSince, Stopwatch.GetTimestamp());
            return new Period(this);
        }
    }

    // Whether any moment from then until now is in a period. Without a lock, as it is asked once a request.
    internal bool Touches(long since) => Volatile.Read(ref _openSince) != long.MaxValue || Volatile.Read(ref _lastEnd) >= since;

    // The periods as timestamps; one that is still open ends now.
    internal IReadOnlyList<(long From, long To)> Read()
    {
        lock (_lock)
            return _openSince == long.MaxValue ? [.. _ended] : [.. _ended, (_openSince, Stopwatch.GetTimestamp())];
    }

    private void End()
    {
        lock (_lock)
        {
            var now = Stopwatch.GetTimestamp();
            _ended.Add((_openSince, now));
            // In this order: a request that ends in between must find one or the other.
            Volatile.Write(ref _lastEnd, now);
            Volatile.Write(ref _openSince, long.MaxValue);
        }
    }

    private sealed class Period(PeriodMarker marker) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
                marker.End();
        }
    }
}
