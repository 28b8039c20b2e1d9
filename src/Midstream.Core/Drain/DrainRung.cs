// What can be done with a connection of a draining worker, the gentlest first.

namespace Midstream.Core.Drain;

/// <summary>Names what to do with a connection of a draining worker. The lower the rung, the less the client notices.</summary>
public enum DrainRung
{
    /// <summary>Hand it over now; the client notices nothing.</summary>
    Move,

    /// <summary>Finish what is under way, a request or a message, then hand it over; the client notices nothing.</summary>
    FinishThenMove,

    /// <summary>
    /// Answer what comes and say that the connection ends: "Connection: close", GOAWAY or a close frame. The client opens
    /// another.
    /// </summary>
    Announce,

    /// <summary>End our sending between two requests, where a client expects it, and read on until the client has ended too: a
    /// reset would overtake what was sent before.</summary>
    HalfClose,

    /// <summary>Go on as if nothing happened until a fact changes.</summary>
    Hold,

    /// <summary>Close it.</summary>
    Close,
}
