// What can be done with a connection of a draining worker, the gentlest first.

namespace Midstream.Core.Drain;

/// <summary>Names what to do with a connection of a draining worker. The lower the rung, the less the client notices.</summary>
public enum DrainRung
{
    /// <summary>Hand it over now; the client notices nothing.</summary>
    Move,

    /// <summary>Answer the request in work, then hand it over; the client notices nothing.</summary>
    FinishThenMove,

    /// <summary>
    /// Answer what comes and say that the connection ends: "Connection: close", GOAWAY or a close frame. The client opens
    /// another.
    /// </summary>
    Announce,

    /// <summary>Go on as if nothing happened until the deadline or a change of the facts.</summary>
    HoldUntilDeadline,

    /// <summary>Close it.</summary>
    Close,
}
