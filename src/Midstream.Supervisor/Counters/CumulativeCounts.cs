using Midstream.Control.Workers;

namespace Midstream.Supervisor.Counters;

/// <summary>The counts of a report that only grow, of one worker or of many together.</summary>
/// <param name="Requests">Requests that ended.</param>
/// <param name="Errors">Those that a worker failed.</param>
/// <param name="Accepted">Connections accepted.</param>
/// <param name="TakenOver">Connections taken over.</param>
/// <param name="Moved">Connections handed over.</param>
/// <param name="Announced">Connections that ended in a drain as their protocol announces.</param>
/// <param name="ClosedByPeer">Connections that their client closed during a drain.</param>
/// <param name="ClosedAtDeadline">Connections closed because a drain's time was over.</param>
/// <param name="Closed">Connections that ended in whatever way.</param>
/// <param name="HalfClosed">Idle connections ended between two requests near the end of a drain.</param>
internal sealed record CumulativeCounts(
    long Requests,
    long Errors,
    long Accepted,
    long TakenOver,
    long Moved,
    long Announced,
    long ClosedByPeer,
    long ClosedAtDeadline,
    long Closed,
    long HalfClosed = 0)
{
    /// <summary>Nothing counted.</summary>
    public static CumulativeCounts Zero { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>Takes the growing counts of a report.</summary>
    public static CumulativeCounts Of(WorkerReport report) => new(
        report.Requests,
        report.Errors,
        report.Accepted,
        report.TakenOver,
        report.Moved,
        report.Announced,
        report.ClosedByPeer,
        report.ClosedAtDeadline,
        report.Closed,
        report.HalfClosed);

    /// <summary>Adds the counts of different workers.</summary>
    public CumulativeCounts Plus(CumulativeCounts other) => Combine(other, static (mine, its) => mine + its);

    /// <summary>Joins two reports of one worker, in whichever order they came.</summary>
    public CumulativeCounts OrLater(CumulativeCounts other) => Combine(other, Math.Max);

    private CumulativeCounts Combine(CumulativeCounts other, Func<long, long, long> combine) => new(
        combine(Requests, other.Requests),
        combine(Errors, other.Errors),
        combine(Accepted, other.Accepted),
        combine(TakenOver, other.TakenOver),
        combine(Moved, other.Moved),
        combine(Announced, other.Announced),
        combine(ClosedByPeer, other.ClosedByPeer),
        combine(ClosedAtDeadline, other.ClosedAtDeadline),
        combine(Closed, other.Closed),
        combine(HalfClosed, other.HalfClosed));
}
