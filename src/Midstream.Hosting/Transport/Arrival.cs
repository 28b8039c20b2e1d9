using System.Net.Sockets;

namespace Midstream.Hosting.Transport;

/// <summary>A connection that has arrived, by accept or from another generation.</summary>
/// <param name="Socket">The connected socket; owned by the connection that is made of it.</param>
/// <param name="Unread">Bytes that the client sent before what the socket delivers next.</param>
/// <param name="IsPrivate">True for the supervisor's own connection.</param>
/// <param name="CannotMove">True when it has been refused a new home and has to end in this process.</param>
internal readonly record struct Arrival(
    Socket Socket, byte[] Unread, bool IsPrivate = false, bool CannotMove = false);
