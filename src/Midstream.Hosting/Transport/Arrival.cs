using System.Net.Sockets;
using Midstream.Control.HandOver;

namespace Midstream.Hosting.Transport;

/// <summary>A connection that has arrived, by accept or from another generation.</summary>
/// <param name="Socket">The connected socket; owned by the connection that is made of it.</param>
/// <param name="Unread">Bytes that the client sent before what the socket delivers next.</param>
/// <param name="Origin">From where it came.</param>
/// <param name="CannotMove">True when it has been refused a new home and has to end in this process.</param>
/// <param name="Passage">What the process before has said about it; null for a connection that begins with a request.</param>
internal readonly record struct Arrival(
    Socket Socket,
    byte[] Unread,
    ArrivalOrigin Origin = ArrivalOrigin.Accepted,
    bool CannotMove = false,
    Passage? Passage = null);

/// <summary>From where a connection came.</summary>
internal enum ArrivalOrigin
{
    /// <summary>From the listening socket.</summary>
    Accepted,

    /// <summary>From another generation.</summary>
    HandedOver,

    /// <summary>From this process itself: it was to leave, and nobody took it.</summary>
    Returned,

    /// <summary>From the supervisor, for its own requests.</summary>
    Supervisor,
}
