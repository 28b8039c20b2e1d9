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
//   Followed  | another protocol, whose messages are followed              | when that protocol says so
//
// "No byte shown" is the whole point: a parser that has seen half a request line answers an end of input with 400. A proxy's
// header
// before the first request is not the parser's: when it is consumed, and nothing else was, the connection is idle.

/// <summary>The states of <see cref="RequestBoundary"/>.</summary>
internal enum BoundaryState
{
    Untouched,
    Idle,
    Head,
    Request,
    Body,
    Opaque,
    Followed,
}

/// <summary>
/// Follows one connection's requests by what the server reads and what the application reports, and says when the
/// connection is at a boundary.
/// </summary>
/// <param name="recognised">Called when bytes have shown what the connection carries.</param>
/// <remarks>All members but <see cref="State"/> are called from the connection's own flow: the server's reads, the outermost
/// middleware and the end of the response follow each other.</remarks>
internal sealed class RequestBoundary(Action? recognised = null)
{
    private const long Unknown = -1;

    private long _consumed;
    private long _bodyEnd = Unknown;
    private bool _headerIsKnown;
    private volatile IMovableProtocol? _protocol;
    private volatile BoundaryState _state = BoundaryState.Untouched;

    /// <summary>Gets where the connection stands.</summary>
    public BoundaryState State => _state;

    /// <summary>Gets whether the connection could leave now.</summary>
    public bool MayLeave => _protocol?.MayLeave ?? _state is BoundaryState.Untouched or BoundaryState.Idle;

    /// <summary>Gets what the connection carries, as far as is known by now.</summary>
    public ConnectionKind Kind { get; private set; } = ConnectionKind.NothingRead;

    /// <summary>Gets the proxy's header with which the connection began; empty when it began without one.</summary>
    public byte[] ProxyHeader { get; private set; } = [];

    /// <summary>Gets what is spoken after HTTP or instead of it, when it is followed.</summary>
    public IMovableProtocol? Protocol => _protocol;

    /// <summary>Leaves for good, if the connection stands at a boundary.</summary>
    /// <returns>True when it has left: the caller must show the server nothing more.</returns>
    public bool TryLeave() => _protocol?.TryLeave() ?? MayLeave;

    /// <summary>The connection comes from the middle of a conversation: not even its first moment is a boundary.</summary>
    public void BeginWithin() => _state = BoundaryState.Head;

    /// <summary>The server has been shown bytes.</summary>
    /// <param name="bytes">The bytes, at least one.</param>
    public void Shown(in ReadOnlySequence<byte> bytes)
    {
        if (_protocol is not null)
            return;
        if (MayLeave)
            _state = BoundaryState.Head;
        if (Kind != ConnectionKind.NothingRead || !IsPastHeader(bytes))
            return;
        var rest = bytes.Slice(Math.Max(0, ProxyHeader.Length - _consumed));
        if (rest.IsEmpty)
            return;
        Kind = Recognise(rest);
        if (Kind != ConnectionKind.Http1)
            _state = BoundaryState.Opaque;
        recognised?.Invoke();
    }

    /// <summary>The server has consumed bytes.</summary>
    /// <param name="count">How many.</param>
    public void Consumed(long count)
    {
        _consumed += count;
        if (_state == BoundaryState.Body && _consumed >= _bodyEnd)
            _state = BoundaryState.Idle;
        if (_state == BoundaryState.Head && ProxyHeader.Length > 0 && _consumed == ProxyHeader.Length)
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

    /// <summary>The connection carries something that is followed: whoever follows it says where it can be cut.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="protocol">Who follows it.</param>
    public void Follow(ConnectionKind kind, IMovableProtocol protocol)
    {
        Kind = kind;
        _state = BoundaryState.Followed;
        _protocol = protocol;
    }

    /// <summary>Nobody follows the connection any more: from here on it stays in this process.</summary>
    public void FollowNoMore()
    {
        _state = BoundaryState.Opaque;
        _protocol = null;
    }

    private bool IsPastHeader(in ReadOnlySequence<byte> bytes)
    {
        if (_headerIsKnown)
            return true;
        if (Transport.ProxyHeader.LengthOf(bytes) is not { } length || length > bytes.Length)
            return false;
        ProxyHeader = bytes.Slice(0, length).ToArray();
        return _headerIsKnown = true;
    }

    // A TLS record of the handshake type (RFC 8446, 5.1); the first letters of HTTP/2's preface (RFC 9113, 3.4).
    private static ConnectionKind Recognise(in ReadOnlySequence<byte> start)
    {
        Span<byte> first = stackalloc byte[4];
        var count = (int)Math.Min(first.Length, start.Length);
        start.Slice(0, count).CopyTo(first);
        return first[0] == 0x16 ? ConnectionKind.Tls
            : first[..count].SequenceEqual("PRI "u8) ? ConnectionKind.Http2
            : ConnectionKind.Http1;
    }
}
