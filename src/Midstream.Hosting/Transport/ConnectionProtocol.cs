namespace Midstream.Hosting.Transport;

/// <summary>What a connection carries, as far as moving it is concerned.</summary>
internal enum ConnectionProtocol
{
    /// <summary>Nothing has been read yet; it moves like the next.</summary>
    Unknown,

    /// <summary>HTTP/1.x in the clear: moves.</summary>
    Http1,

    /// <summary>TLS around HTTP/1.x, or around what no request has told yet: the session's keys are in this process, so its end is
    /// announced.</summary>
    Tls,

    /// <summary>HTTP/2 in the clear: its compression and flow-control state is in this process, so its end is announced.</summary>
    Http2,

    /// <summary>HTTP/2 inside TLS.</summary>
    Http2OverTls,

    /// <summary>A WebSocket in the clear: a close frame announces its end.</summary>
    WebSocket,

    /// <summary>Another upgraded protocol, of which nothing is known: it has the drain's time.</summary>
    Upgraded,
}
