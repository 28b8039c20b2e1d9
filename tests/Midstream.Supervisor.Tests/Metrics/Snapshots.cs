// A service with a different number in every place, so that a mix-up shows.

using Midstream.Control.Operators;
using Midstream.Supervisor.Metrics;

namespace Midstream.Supervisor.Tests.Metrics;

internal static class Snapshots
{
    internal static MetricsSnapshot Shop { get; } = new(
        "shop",
        "9462c7623ba2",
        "0.1.0",
        new ServiceCountersStatus(
            Requests: 1001, Errors: 1002, Accepted: 1003, TakenOver: 1004, Moved: 1005, Announced: 1006, ClosedByPeer: 1007,
            ClosedAtDeadline: 1008, Closed: 1009, InFlight: 1010, Open: 1011, HalfClosed: 1012),
        [
            new WorkerCountersStatus(
                "g41.1", 1, 2, InFlight: 2001, Open: 2002, LongestRequestMs: 2500, HeapBytes: 2004, ThreadPoolQueue: 2005,
                ReportAgeMs: 250),
            new WorkerCountersStatus(
                "g41.2", 1, 2, InFlight: 3001, Open: 3002, LongestRequestMs: 0, HeapBytes: 3004, ThreadPoolQueue: 3005,
                ReportAgeMs: 1750),
        ],
        Deployments: 4001,
        Restarts: 4002,
        HungWorkers: 4003);

    internal static MetricsSnapshot Hostile { get; } = Shop with { Release = "a\"b\\c\nd{}=", Workers = [] };
}
