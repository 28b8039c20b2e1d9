namespace Midstream.Control.Operators;

/// <summary>What a service has counted over all the workers it ever had. The counts never go back: they continue over
/// replacements, crashes, and the supervisor's own update and death.</summary>
/// <param name="Requests">Requests that ended, well or not.</param>
/// <param name="Errors">Those that a worker failed: a status of 500 or more, or an exception that nobody handled.</param>
/// <param name="Accepted">Connections accepted.</param>
/// <param name="TakenOver">Connections that a worker took over from another.</param>
/// <param name="Moved">Connections that a worker handed over to another.</param>
/// <param name="Announced">Connections that ended in a drain in the way their protocol announces.</param>
/// <param name="ClosedByPeer">Connections that their client closed during a drain.</param>
/// <param name="ClosedAtDeadline">Connections closed because a drain's time was over.</param>
/// <param name="Closed">Connections that ended in whatever way, in a drain or not.</param>
/// <param name="InFlight">Requests under way now.</param>
/// <param name="Open">Connections open now.</param>
/// <param name="HalfClosed">Idle connections ended between two requests near the end of a drain.</param>
public sealed record ServiceCountersStatus(
    long Requests,
    long Errors,
    long Accepted,
    long TakenOver,
    long Moved,
    long Announced,
    long ClosedByPeer,
    long ClosedAtDeadline,
    long Closed,
    long InFlight,
    long Open,
    long HalfClosed = 0);

/// <summary>What one living worker last reported.</summary>
/// <param name="Worker">Its name, such as <c>g41.2</c>.</param>
/// <param name="Requests">Requests that ended since its start.</param>
/// <param name="Errors">Those that it failed.</param>
/// <param name="InFlight">Requests under way.</param>
/// <param name="Open">Connections open.</param>
/// <param name="LongestRequestMs">Age of the oldest request under way, in milliseconds; 0 when there is none.</param>
/// <param name="HeapBytes">Size of its managed heap, in bytes.</param>
/// <param name="ThreadPoolQueue">Work items that wait for a thread of its pool.</param>
/// <param name="ReportAgeMs">The time since that report, in milliseconds.</param>
public sealed record WorkerCountersStatus(
    string Worker,
    long Requests,
    long Errors,
    long InFlight,
    long Open,
    long LongestRequestMs,
    long HeapBytes,
    long ThreadPoolQueue,
    long ReportAgeMs);
