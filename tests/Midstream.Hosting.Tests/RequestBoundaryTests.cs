// The table at the top of RequestBoundary.cs, walked: every state with every event.

using Midstream.Core.Drain;
using System.Buffers;
using Midstream.Hosting.Transport;

namespace Midstream.Hosting.Tests;

public sealed class RequestBoundaryTests
{
    private const int BodyLength = 5;

    private static readonly Dictionary<string, Func<RequestBoundary>> s_states = new()
    {
        ["Untouched"] = () => new RequestBoundary(),
        ["Idle"] = () => Ended(Started(0), bodyWasRead: false),
        ["Head"] = Head,
        ["Request"] = () => Started(0),
        ["Request with a body"] = () => Started(BodyLength),
        ["Request, chunked"] = () => Started(null),
        ["Body"] = () => Ended(Started(BodyLength), bodyWasRead: false),
        ["Opaque"] = () => With(Head(), boundary => boundary.TurnedOutToBe(ConnectionKind.Upgraded)),
    };

    private static readonly Dictionary<string, Action<RequestBoundary>> s_events = new()
    {
        ["shown HTTP/1"] = boundary => boundary.Shown(Bytes("GET "u8)),
        ["shown HTTP/2"] = boundary => boundary.Shown(Bytes("PRI * HTTP/2.0"u8)),
        ["shown TLS"] = boundary => boundary.Shown(Bytes([0x16, 3, 1])),
        ["consumed less than the body"] = boundary => boundary.Consumed(BodyLength - 1),
        ["consumed the body"] = boundary => boundary.Consumed(BodyLength),
        ["request started"] = boundary => boundary.RequestStarted(0),
        ["request ended"] = boundary => boundary.RequestEnded(bodyWasRead: false),
        ["request ended, body read"] = boundary => boundary.RequestEnded(bodyWasRead: true),
        ["turned out"] = boundary => boundary.TurnedOutToBe(ConnectionKind.WebSocket),
    };

    // Only where the state changes; every other cell stays as it is. What a connection is, is recognised by its first bytes
    // alone: once it was HTTP/1, later bytes are a head whatever they look like.
    private static readonly Dictionary<(string State, string Event), string> s_changes = new()
    {
        [("Untouched", "shown HTTP/1")] = "Head",
        [("Untouched", "shown HTTP/2")] = "Opaque",
        [("Untouched", "shown TLS")] = "Opaque",
        [("Idle", "shown HTTP/1")] = "Head",
        [("Idle", "shown HTTP/2")] = "Head",
        [("Idle", "shown TLS")] = "Head",
        [("Body", "consumed the body")] = "Idle",
        [("Request", "request ended")] = "Idle",
        [("Request", "request ended, body read")] = "Idle",
        [("Request with a body", "request ended")] = "Body",
        [("Request with a body", "request ended, body read")] = "Body",
        [("Request, chunked", "request ended")] = "Opaque",
        [("Request, chunked", "request ended, body read")] = "Idle",
    };

    public static TheoryData<string, string> Cells =>
        [.. from state in s_states.Keys from what in s_events.Keys select (state, what)];

    [Theory]
    [MemberData(nameof(Cells))]
    public void EveryState_WithEveryEvent_IsAsTheTableSays(string state, string what)
    {
        var boundary = s_states[state]();
        Assert.Equal(state.Split([' ', ','])[0], boundary.State.ToString());

        s_events[what](boundary);

        var expected = what switch
        {
            "request started" => "Request",
            "turned out" => "Opaque",
            _ => s_changes.GetValueOrDefault((state, what), state.Split([' ', ','])[0]),
        };
        Assert.Equal(expected, boundary.State.ToString());
        Assert.Equal(expected is "Untouched" or "Idle", boundary.MayLeave);
    }

    [Fact]
    public void Consumed_OfABodyInPieces_IsABoundaryAtItsLastByte()
    {
        var boundary = s_states["Body"]();

        for (var piece = 0; piece < BodyLength; piece++)
        {
            Assert.False(boundary.MayLeave);
            boundary.Consumed(1);
        }

        Assert.Equal(BoundaryState.Idle, boundary.State);
    }

    [Fact]
    public void RequestEnded_WhenTheApplicationHasReadTheBody_IsABoundaryAtOnce()
    {
        var boundary = s_states["Request with a body"]();
        boundary.Consumed(BodyLength);

        boundary.RequestEnded(bodyWasRead: false);

        Assert.Equal(BoundaryState.Idle, boundary.State);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1", nameof(ConnectionKind.Http1))]
    [InlineData("P", nameof(ConnectionKind.NothingRead))]
    [InlineData("PROX", nameof(ConnectionKind.NothingRead))]
    [InlineData("PU", nameof(ConnectionKind.Http1))]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", nameof(ConnectionKind.NothingRead))]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nPRI *", nameof(ConnectionKind.Http2))]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u0001xGET /", nameof(ConnectionKind.Http1))]
    [InlineData("POST", nameof(ConnectionKind.Http1))]
    [InlineData("PRI ", nameof(ConnectionKind.Http2))]
    [InlineData("\u0016\u0003\u0001", nameof(ConnectionKind.Tls))]
    public void Shown_OfTheFirstBytes_RecognisesTheProtocol(string first, string protocol)
    {
        var boundary = new RequestBoundary();

        boundary.Shown(new ReadOnlySequence<byte>(System.Text.Encoding.Latin1.GetBytes(first)));

        Assert.Equal(protocol, boundary.Kind.ToString());
    }

    [Theory]
    [InlineData("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u0002xy")]
    public void Consumed_AProxysHeaderAndNothingElse_MayLeaveAndKeepsTheHeader(string header)
    {
        var bytes = System.Text.Encoding.Latin1.GetBytes(header);
        var boundary = new RequestBoundary();

        for (var length = 1; length <= bytes.Length; length++)
        {
            boundary.Shown(new ReadOnlySequence<byte>(bytes, 0, length));
            Assert.False(boundary.MayLeave);
        }

        boundary.Consumed(bytes.Length);

        Assert.True(boundary.MayLeave);
        Assert.Equal(bytes, boundary.ProxyHeader);
        boundary.Shown(Bytes("GET /"u8));
        Assert.False(boundary.MayLeave);
        Assert.Equal(ConnectionKind.Http1, boundary.Kind);
    }

    private static RequestBoundary Head() => With(new RequestBoundary(), boundary => boundary.Shown(Bytes("GET "u8)));

    private static RequestBoundary Started(long? bodyLength) => With(Head(), boundary =>
    {
        boundary.Consumed(100);
        boundary.RequestStarted(bodyLength);
    });

    private static RequestBoundary Ended(RequestBoundary boundary, bool bodyWasRead) =>
        With(boundary, ending => ending.RequestEnded(bodyWasRead));

    private static RequestBoundary With(RequestBoundary boundary, Action<RequestBoundary> change)
    {
        change(boundary);
        return boundary;
    }

    private static ReadOnlySequence<byte> Bytes(ReadOnlySpan<byte> bytes) => new(bytes.ToArray());
}
