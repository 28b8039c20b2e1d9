using System.Buffers;
using Midstream.Core.Drain;

namespace Midstream.Hosting.Transport;

// Where a connection stands between requests: the one question that decides whether it can move now.
//
//   state     | meaning                                                    | may leave
//   ----------+------------------------------------------------------------+----------
//   Untouched | nothing has been read: any protocol may follow             | yes
//   Idle      | HTTP/1.1, between requests, no byte of the next one shown  | yes
//   Head      | bytes shown to the parser, no request seen yet             | no
//   Request   | the application is at work                                 | no
//   Body      | answered; the rest of the request's body is being read off | when its last byte is consumed
//   Opaque    | not plain HTTP/1.1, or the body's end cannot be known      | no, until a request says otherwise
//
// "No byte shown" is the whole point: a parser that has seen half a request line answers an end of input with 400.

/// <summary>The states of <see cref="RequestBoundary"/>.</summary>
internal enum BoundaryState
{
    Untouched,
    Idle,
    Head,
    Request,
    Body,
    Opaque,
}

/// <summary>
/// Follows one connection's requests by what the server reads and what the application reports, and says when the
/// connection is at a boundary.
/// </summary>
/// <remarks>All members but <see cref="State"/> are called from the connection's own flow: the server's reads, the outermost
/// middleware and the end of the response follow each other.</remarks>
internal sealed class RequestBoundary
{
    private const long Unknown = -1;

    private long _consumed;
    private long _bodyEnd = Unknown;
    private volatile BoundaryState _state = BoundaryState.Untouched;

    /// <summary>Gets where the connection stands.</summary>
    public BoundaryState State => _state;

    /// <summary>Gets whether the connection could leave now.</summary>
    public bool MayLeave => _state is BoundaryState.Untouched or BoundaryState.Idle;

    /// <summary>Gets what the connection carries, as far as is known by now.</summary>
    public ConnectionKind Kind { get; private set; } = ConnectionKind.NothingRead;

    /// <summary>The server has been shown bytes.</summary>
    /// <param name="bytes">The bytes, at least one.</param>
    public void Shown(in ReadOnlySequence<byte> bytes)
    {
        if (Kind == ConnectionKind.NothingRead)
            Kind = Recognise(bytes.FirstSpan);
        if (MayLeave)
            _state = Kind == ConnectionKind.Http1 ? BoundaryState.Head : BoundaryState.Opaque;
    }

    /// <summary>The server has consumed bytes.</summary>
    /// <param name="count">How many.</param>
    public void Consumed(long count)
    {
        _consumed += count;
        if (_state == BoundaryState.Body && _consumed >= _bodyEnd)
            _state = BoundaryState.Idle;
    }

    /// <summary>The application has been given a plain HTTP/1.x request, whose head is consumed.</summary>
    /// <param name="bodyLength">The length of its body in bytes; null when only reading it tells (chunked).</param>
    public void RequestStarted(long? bodyLength)
    {
        _bodyEnd = bodyLength is { } length ? _consumed + length : Unknown;
        _state = BoundaryState.Request;
    }

    /// <summary>The response is complete.</summary>
    /// <param name="bodyWasRead">True when the application, or we after it, have read the body to its end.</param>
    public void RequestEnded(bool bodyWasRead)
    {
        if (_state != BoundaryState.Request)
            return;
        if (_bodyEnd == Unknown)
            _state = bodyWasRead ? BoundaryState.Idle : BoundaryState.Opaque;
        else
            _state = _consumed >= _bodyEnd ? BoundaryState.Idle : BoundaryState.Body;
    }

    /// <summary>The connection carries something that cannot be followed from outside.</summary>
    /// <param name="kind">What it is.</param>
    public void TurnedOutToBe(ConnectionKind kind)
    {
        Kind = kind;
        _state = BoundaryState.Opaque;
    }

    // A TLS record of the handshake type (RFC 8446, 5.1); the first letters of HTTP/2's preface (RFC 9113, 3.4).
    private static ConnectionKind Recognise(ReadOnlySpan<byte> start) =>
        start[0] == 0x16 ? ConnectionKind.Tls
        : start.StartsWith("PRI "u8) ? ConnectionKind.Http2
        : ConnectionKind.Http1;
}
