// The table of every metric: instruments, the text of /metrics and the reference in docs/operations/metrics.md all come from it
// or are tested against it.

using Midstream.Control.Operators;

namespace Midstream.Supervisor.Metrics;

/// <summary>Holds the table of metrics, in the order of the reference.</summary>
internal static class MetricTable
{
    /// <summary>The attribute that names a worker.</summary>
    public const string WorkerAttribute = "midstream.worker";

    /// <summary>The attribute that names the rung of the drain ladder by which a connection left.</summary>
    public const string RungAttribute = "midstream.drain.rung";

    private const double MsPerSecond = 1000;

    /// <summary>Every metric.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        Total("midstream.requests", "{request}", "Requests that ended, well or not.", totals => totals.Requests),
        Total(
            "midstream.request.errors", "{request}",
            "Requests that a worker failed: a status of 500 or more, or an exception that nobody handled.",
            totals => totals.Errors),
        Total("midstream.connections.accepted", "{connection}", "Connections accepted.", totals => totals.Accepted),
        Total(
            "midstream.connections.taken_over", "{connection}", "Connections that a worker took over from another.",
            totals => totals.TakenOver),
        Total(
            "midstream.connections.closed", "{connection}",
            "Connections that ended, in a drain or not. Those that moved to another worker live on.", totals => totals.Closed),
        new(
            "midstream.connections.drained", "{connection}", MetricKind.Counter,
            "Connections that left a worker because it was drained, by rung of the ladder.", ReadRungs),
        Now("midstream.active_requests", "{request}", "Requests under way.", totals => totals.InFlight),
        Now("midstream.open_connections", "{connection}", "Connections open.", totals => totals.Open),
        Own(
            "midstream.workers", "{worker}", MetricKind.UpDownCounter, "Workers that live and have reported.",
            snapshot => snapshot.Workers.Count),
        Own(
            "midstream.deployments", "{deployment}", MetricKind.Counter,
            "Operations that ended in a commit since the supervisor's start.", snapshot => snapshot.Deployments),
        Own(
            "midstream.worker.restarts", "{restart}", MetricKind.Counter,
            "Workers restarted after a crash since the supervisor's start.", snapshot => snapshot.Restarts),
        Own(
            "midstream.worker.hangs", "{worker}", MetricKind.Counter, "Workers found hung since the supervisor's start.",
            snapshot => snapshot.HungWorkers),
        OfWorkers(
            "midstream.worker.active_requests", "{request}", MetricKind.UpDownCounter, "Requests under way in a worker.",
            worker => worker.InFlight),
        OfWorkers(
            "midstream.worker.open_connections", "{connection}", MetricKind.UpDownCounter, "Connections open in a worker.",
            worker => worker.Open),
        OfWorkers(
            "midstream.worker.oldest_request.age", "s", MetricKind.Gauge,
            "Age of a worker's oldest request under way; 0 when there is none.",
            worker => worker.LongestRequestMs / MsPerSecond),
        OfWorkers(
            "midstream.worker.heap.size", "By", MetricKind.UpDownCounter, "Size of a worker's managed heap.",
            worker => worker.HeapBytes),
        OfWorkers(
            "midstream.worker.thread_pool.queue.length", "{work_item}", MetricKind.UpDownCounter,
            "Work items that wait for a thread of a worker's pool.", worker => worker.ThreadPoolQueue),
        OfWorkers(
            "midstream.worker.report.age", "s", MetricKind.Gauge,
            "Time since a worker's last report, which comes about every second: its heartbeat.",
            worker => worker.ReportAgeMs / MsPerSecond),
    ];

    private static IEnumerable<MetricValue> ReadRungs(MetricsSnapshot snapshot) =>
    [
        new(snapshot.Totals.Moved, (RungAttribute, "moved")),
        new(snapshot.Totals.Announced, (RungAttribute, "announced")),
        new(snapshot.Totals.HalfClosed, (RungAttribute, "half_closed")),
        new(snapshot.Totals.ClosedByPeer, (RungAttribute, "closed_by_peer")),
        new(snapshot.Totals.ClosedAtDeadline, (RungAttribute, "closed_at_deadline")),
    ];

    private static Metric Total(string name, string unit, string meaning, Func<ServiceCountersStatus, long> read) =>
        Own(name, unit, MetricKind.Counter, meaning, snapshot => read(snapshot.Totals));

    private static Metric Now(string name, string unit, string meaning, Func<ServiceCountersStatus, long> read) =>
        Own(name, unit, MetricKind.UpDownCounter, meaning, snapshot => read(snapshot.Totals));

    private static Metric Own(
        string name, string unit, MetricKind kind, string meaning, Func<MetricsSnapshot, double> read) =>
        new(name, unit, kind, meaning, snapshot => [new MetricValue(read(snapshot))]);

    private static Metric OfWorkers(
        string name, string unit, MetricKind kind, string meaning, Func<WorkerCountersStatus, double> read) =>
        new(name, unit, kind, meaning, snapshot => snapshot.Workers.Select(
            worker => new MetricValue(read(worker), (WorkerAttribute, worker.Worker))));
}
