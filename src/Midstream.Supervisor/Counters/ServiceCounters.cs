using Midstream.Control.Operators;
using Midstream.Control.Workers;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Counters;

/// <summary>
/// The service's counts over all the workers it ever had. A worker reports what it has counted since its start, so its latest
/// report replaces the one before, a lost one is made up for by the next, and one that is heard twice, by this supervisor or by
/// the next, counts once.
/// </summary>
/// <remarks>
/// Thread-safe. Counts never go back: a worker that ends keeps its last report, and is remembered for a while in case a report
/// of it is still on its way.
/// </remarks>
/// <param name="time">Tells how old a report is.</param>
internal sealed class ServiceCounters(TimeProvider time)
{
    /// <summary>How many workers that have ended are remembered by name.</summary>
    internal const int EndedMax = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<WorkerName, Entry> _workers = [];
    private readonly Queue<WorkerName> _ended = new();
    private CumulativeCounts _before = CumulativeCounts.Zero;

    /// <summary>Goes on counting where another supervisor stopped.</summary>
    /// <param name="state">What it has left; null for nothing.</param>
    /// <param name="time">Tells how old a report is.</param>
    /// <returns>The counters. Its workers are taken for alive until <see cref="KeepOnly"/> says who is.</returns>
    public static ServiceCounters FromState(CountersState? state, TimeProvider time)
    {
        var counters = new ServiceCounters(time);
        if (state is null)
            return counters;
        counters._before = state.Before;
        foreach (var known in state.Workers)
        {
            if (!WorkerName.TryParse(known.Worker, out var name))
                counters._before = counters._before.Plus(known.Counts);
            else
                counters._workers[name] = new Entry(known.Counts);
            if (known.HasEnded)
                counters.Ended(name);
        }

        return counters;
    }

    /// <summary>Takes a report.</summary>
    /// <param name="worker">Whose it is.</param>
    /// <param name="report">The report.</param>
    public void Heard(WorkerName worker, WorkerReport report)
    {
        lock (_lock)
        {
            if (!_workers.TryGetValue(worker, out var entry))
                _workers[worker] = entry = new Entry(CumulativeCounts.Zero);
            entry.Counts = entry.Counts.OrLater(CumulativeCounts.Of(report));
            entry.Last = report;
            entry.HeardAt = time.GetTimestamp();
        }
    }

    /// <summary>A worker has ended: nothing of it is under way any more, and what it has counted stays.</summary>
    /// <param name="worker">The worker; one that never reported, or has ended before, changes nothing.</param>
    public void Ended(WorkerName worker)
    {
        lock (_lock)
        {
            if (!_workers.TryGetValue(worker, out var entry) || entry.HasEnded)
                return;
            entry.HasEnded = true;
            _ended.Enqueue(worker);
            if (_ended.Count > EndedMax && _workers.Remove(_ended.Dequeue(), out var oldest))
                _before = _before.Plus(oldest.Counts);
        }
    }

    /// <summary>Says which workers there are after a supervisor has taken over; the others have ended meanwhile.</summary>
    /// <param name="living">The workers that were met.</param>
    public void KeepOnly(IReadOnlyCollection<WorkerName> living)
    {
        lock (_lock)
        {
            foreach (var gone in _workers.Keys.Except(living).ToList())
                Ended(gone);
        }
    }

    /// <summary>Adds up all workers.</summary>
    /// <returns>The totals.</returns>
    public ServiceCountersStatus Totals()
    {
        lock (_lock)
        {
            var sum = _workers.Values.Aggregate(_before, (sum, entry) => sum.Plus(entry.Counts));
            return new ServiceCountersStatus(
                sum.Requests,
                sum.Errors,
                sum.Accepted,
                sum.TakenOver,
                sum.Moved,
                sum.Announced,
                sum.ClosedByPeer,
                sum.ClosedAtDeadline,
                sum.Closed,
                Living_NeedsLock().Sum(worker => worker.Value.Last!.InFlight),
                Living_NeedsLock().Sum(worker => worker.Value.Last!.Open),
                sum.HalfClosed);
        }
    }

    /// <summary>Tells what each living worker last reported.</summary>
    /// <returns>One entry for each worker that has reported to this supervisor, oldest first.</returns>
    public IReadOnlyList<WorkerCountersStatus> Workers()
    {
        lock (_lock)
        {
            return
            [
                .. Living_NeedsLock()
                    .OrderBy(worker => worker.Key.Generation).ThenBy(worker => worker.Key.Slot)
                    .Select(worker => Describe(worker.Key, worker.Value)),
            ];
        }
    }

    /// <summary>Takes down what the next supervisor must know.</summary>
    /// <returns>The state.</returns>
    public CountersState ToState()
    {
        lock (_lock)
        {
            // The ended ones in the order of their ends, so that the next supervisor forgets the oldest first, too.
            var names = _workers.Where(worker => !worker.Value.HasEnded).Select(worker => worker.Key).Concat(_ended);
            return new CountersState(
                _before,
                [.. names.Select(name => new WorkerCountersState(
                    name.ToString(), _workers[name].HasEnded, _workers[name].Counts))]);
        }
    }

    private IEnumerable<KeyValuePair<WorkerName, Entry>> Living_NeedsLock() =>
        _workers.Where(worker => worker.Value is { HasEnded: false, Last: not null });

    private WorkerCountersStatus Describe(WorkerName name, Entry entry) => new(
        name.ToString(),
        entry.Counts.Requests,
        entry.Counts.Errors,
        entry.Last!.InFlight,
        entry.Last.Open,
        entry.Last.LongestRequestMs,
        entry.Last.HeapBytes,
        entry.Last.ThreadPoolQueue,
        (long)time.GetElapsedTime(entry.HeardAt).TotalMilliseconds);

    private sealed class Entry(CumulativeCounts counts)
    {
        public CumulativeCounts Counts { get; set; } = counts;

        // Null while only another supervisor has heard of it.
        public WorkerReport? Last { get; set; }

        public long HeardAt { get; set; }

        public bool HasEnded { get; set; }
    }
}
