using Midstream.Control.Workers;
using Midstream.Core.Liveness;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Counters;

/// <summary>
/// Keeps when each worker was last heard, on a clock that no administrator moves, and tells the hung from the busy.
/// </summary>
/// <remarks>
/// Thread-safe. To be asked about once a second, whether there is doubt or not: a longer pause means that this process itself was
/// stopped or starved, with reports waiting unread. Nobody is silent then until the time has passed anew; a watch that is asked
/// less often than every half of the limit therefore never finds anybody silent.
/// </remarks>
/// <param name="time">The clock; only its monotonic timestamps are used.</param>
internal sealed class LivenessWatch(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<WorkerName, Sign> _signs = [];
    private long _lastLook = time.GetTimestamp();
    private long _awakeSince = time.GetTimestamp();

    /// <summary>Waits for reports of a worker that has not reported to this supervisor yet: one that was taken over may hang
    /// already. Only for a worker that has named the capability <see cref="WorkerCapabilities.Report"/>.</summary>
    /// <param name="worker">The worker.</param>
    public void Expect(WorkerName worker)
    {
        lock (_lock)
            _signs.TryAdd(worker, new Sign(time.GetTimestamp(), 0, Wish: null));
    }

    /// <summary>Takes a report.</summary>
    /// <param name="worker">Whose it is.</param>
    /// <param name="report">The report.</param>
    public void Heard(WorkerName worker, WorkerReport report)
    {
        lock (_lock)
            _signs[worker] = new Sign(time.GetTimestamp(), report.LongestRequestMs, report.WantsReplacement);
    }

    /// <summary>Forgets a worker that has ended.</summary>
    /// <param name="worker">The worker.</param>
    public void Forget(WorkerName worker)
    {
        lock (_lock)
            _signs.Remove(worker);
    }

    /// <summary>Tells whether a worker's heartbeat has stopped.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="timeout">The time it may be silent.</param>
    /// <returns>True when it has; false for one that has never been heard or expected.</returns>
    public bool IsSilent(WorkerName worker, TimeSpan timeout)
    {
        lock (_lock)
            return HeartbeatOf_NeedsLock(worker, timeout) == Heartbeat.Silent;
    }

    /// <summary>Tells whether a worker has asked for another in its place.</summary>
    /// <param name="worker">The worker.</param>
    /// <returns>Why; null when it has not.</returns>
    public string? WishOf(WorkerName worker)
    {
        lock (_lock)
            return _signs.GetValueOrDefault(worker).Wish;
    }

    /// <summary>Tells how a worker that serves is.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="health">How it answers its health check.</param>
    /// <param name="limits">What is too long.</param>
    /// <returns>The verdict.</returns>
    public LivenessVerdict Judge(WorkerName worker, HealthAnswers health, LivenessLimits limits)
    {
        lock (_lock)
        {
            var heartbeat = HeartbeatOf_NeedsLock(worker, limits.Silence);
            var isLong = _signs.TryGetValue(worker, out var sign)
                && sign.LongestRequestMs >= limits.LongRequest.TotalMilliseconds;
            return LivenessTable.Decide(new LivenessFacts(heartbeat, health, isLong));
        }
    }

    private Heartbeat HeartbeatOf_NeedsLock(WorkerName worker, TimeSpan timeout)
    {
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(_lastLook, now) > timeout / 2)
            _awakeSince = now;
        _lastLook = now;

        if (!_signs.TryGetValue(worker, out var sign))
            return Heartbeat.None;
        var since = Math.Max(sign.At, _awakeSince);
        return time.GetElapsedTime(since, now) > timeout ? Heartbeat.Silent : Heartbeat.Beating;
    }

    private readonly record struct Sign(long At, long LongestRequestMs, string? Wish);
}
