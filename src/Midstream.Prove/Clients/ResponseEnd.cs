using System.Net.Sockets;

namespace Midstream.Prove.Clients;

// How the reading of one response came to its end.
internal enum ResponseEndKind
{
    Complete,
    Malformed,
    ConnectionEnded,
}

// The error is Success for a connection that ended in order.
internal readonly record struct ResponseEnd(ResponseEndKind Kind, SocketError Error = SocketError.Success);
