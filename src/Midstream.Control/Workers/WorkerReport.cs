namespace Midstream.Control.Workers;

/// <summary>
/// What a worker has counted since its start, and how it is now. The counts only grow, so of two reports of one worker the
/// later one holds the earlier one, and none needs to arrive. The supervisor's own requests and connections are not counted.
/// </summary>
/// <param name="Requests">Requests that ended, well or not.</param>
/// <param name="Errors">Those of them that the worker failed: answered with a status of 500 or more, or given up by an
/// exception that the application did not handle. A client that went away is not the worker's failure.</param>
/// <param name="Accepted">Connections accepted from the listening sockets.</param>
/// <param name="TakenOver">Connections that arrived by hand-over.</param>
/// <param name="Moved">Connections handed over, acknowledged by the other side.</param>
/// <param name="Announced">Connections that ended in a drain in the way their protocol announces.</param>
/// <param name="ClosedByPeer">Connections that the client itself closed during a drain.</param>
/// <param name="ClosedAtDeadline">Connections that the worker closed because a drain's time was over.</param>
/// <param name="Closed">Connections that ended here in whatever way, in a drain or not; those that were moved live on and are
/// not among them.</param>
/// <param name="InFlight">Requests under way now.</param>
/// <param name="Open">Connections open now.</param>
/// <param name="LongestRequestMs">How long the oldest request under way has lasted, in milliseconds; 0 when there is none. One
/// that was upgraded, as to a WebSocket, is under way but does not count here: it is meant to last.</param>
/// <param name="HeapBytes">The managed heap's size, in bytes.</param>
/// <param name="ThreadPoolQueue">Work items that wait for a thread of the pool.</param>
/// <param name="HalfClosed">Idle connections ended between two requests because a drain's time was nearly over. Zero from a
/// worker
/// that does not know of them.</param>
/// <param name="WantsReplacement">Why the worker asks for another in its place; null when it does not.</param>
public sealed record WorkerReport(
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
    long LongestRequestMs,
    long HeapBytes,
    long ThreadPoolQueue,
    long HalfClosed = 0,
    string? WantsReplacement = null);
