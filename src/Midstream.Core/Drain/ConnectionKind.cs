// What is known to be spoken on a connection.

namespace Midstream.Core.Drain;

/// <summary>Names what is spoken on a connection, which decides whether another process could go on with it.</summary>
public enum ConnectionKind
{
    /// <summary>The connection was accepted and not one byte was taken from it, whatever it will speak.</summary>
    NothingRead,

    /// <summary>HTTP/1.x in clear text: between two requests it has no state but its unread bytes (RFC 9112).</summary>
    Http1,

    /// <summary>HTTP/1.x over TLS: the keys are in the old process.</summary>
    Tls,

    /// <summary>
    /// HTTP/2 in clear text: header tables and streams are in the old process, and GOAWAY ends it gently (RFC 9113, 6.8).
    /// </summary>
    Http2,

    /// <summary>HTTP/2 over TLS.</summary>
    Http2OverTls,

    /// <summary>A WebSocket: its meaning is in the application (RFC 6455).</summary>
    WebSocket,

    /// <summary>A WebSocket whose application gives its meaning along: between two messages it has no other state.</summary>
    MovableWebSocket,

    /// <summary>Any other protocol whose application gives its state along, on a connection handler of its own.</summary>
    MovableStream,

    /// <summary>Any other protocol a connection was upgraded to.</summary>
    Upgraded,
}
