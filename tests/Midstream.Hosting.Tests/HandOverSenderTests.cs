// The giving end against a peer that the test plays frame by frame: a connection is given up only when it was acknowledged.

using System.Net.Sockets;
using Midstream.Control.HandOver;
using Midstream.Hosting.HandOver;
using Midstream.Linux;

namespace Midstream.Hosting.Tests;

public sealed class HandOverSenderTests : IAsyncLifetime
{
    private readonly FdPoller _poller = new();
    private readonly SeqPacketChannel _peer;
    private readonly HandOverSender _sender;
    private readonly FileDescriptor _connection;
    private readonly Socket _client;
    private int _timesGone;

    public HandOverSenderTests()
    {
        var (local, remote) = SeqPacketChannel.CreatePair(_poller);
        _peer = local;
        _sender = new HandOverSender(new SeqPacketChannel(remote, _poller), () => Interlocked.Increment(ref _timesGone));
        var (first, second) = SocketPair.CreateStream();
        _connection = first;
        _client = second.ToSocket();
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _sender.DisposeAsync();
        await _peer.DisposeAsync();
        _connection.Dispose();
        _client.Dispose();
        _poller.Dispose();
    }

    [Theory]
    [InlineData(HandOverKind.Accepted, nameof(OfferOutcome.Accepted))]
    [InlineData(HandOverKind.Refused, nameof(OfferOutcome.Refused))]
    public async Task Offer_Answered_EndsAsAnswered(HandOverKind answer, string outcome)
    {
        var offer = OfferAsync("GET /"u8.ToArray());

        var (frame, descriptors) = await ReceiveAsync();
        Assert.Equal(1, descriptors);
        Assert.Equal((HandOverKind.Offer, 3), (frame.Kind, frame.Listener));
        Assert.Equal("GET /"u8.ToArray(), frame.Unread.ToArray());
        Assert.False(offer.IsCompleted);
        await AnswerAsync(answer, frame.Connection);

        Assert.Equal(outcome, (await offer.WaitAsync(Bounded.Patience)).ToString());
        await AssertConnectedAsync();
    }

    [Fact]
    public async Task Offers_AnsweredInAnotherOrder_EndAsEachWasAnswered()
    {
        var first = OfferAsync([]);
        var second = OfferAsync([]);
        var (one, _) = await ReceiveAsync();
        var (two, _) = await ReceiveAsync();

        await AnswerAsync(HandOverKind.Refused, two.Connection);
        Assert.Equal(OfferOutcome.Refused, await second.WaitAsync(Bounded.Patience));
        Assert.False(first.IsCompleted);
        await AnswerAsync(HandOverKind.Accepted, one.Connection);

        Assert.Equal(OfferOutcome.Accepted, await first.WaitAsync(Bounded.Patience));
    }

    [Fact]
    public async Task Offers_WhenThePeerDies_ComeBackWithTheConnectionWhole()
    {
        var offers = Enumerable.Range(0, 10).Select(_ => OfferAsync("unread"u8.ToArray())).ToArray();
        await ReceiveAsync();

        await _peer.DisposeAsync();

        Assert.All(await Task.WhenAll(offers).WaitAsync(Bounded.Patience),
            outcome => Assert.Equal(OfferOutcome.PeerGone, outcome));
        await Bounded.UntilAsync(() => Volatile.Read(ref _timesGone) > 0, "the peer's end was told");
        Assert.True(_sender.PeerIsGone);
        await AssertConnectedAsync();
        Assert.Equal(OfferOutcome.PeerGone, await OfferAsync([]).WaitAsync(Bounded.Patience));
        Assert.Equal(1, _timesGone);
    }

    [Fact]
    public async Task Offer_AcceptedJustBeforeThePeerDies_IsAccepted()
    {
        var offer = OfferAsync([]);
        var (frame, _) = await ReceiveAsync();
        await AnswerAsync(HandOverKind.Accepted, frame.Connection);
        await _peer.DisposeAsync();

        Assert.Equal(OfferOutcome.Accepted, await offer.WaitAsync(Bounded.Patience));
    }

    [Fact]
    public async Task Dispose_WithOffersUnanswered_BringsThemBack()
    {
        var (local, remote) = SeqPacketChannel.CreatePair(_poller);
        await using var peer = local;
        var sender = new HandOverSender(new SeqPacketChannel(remote, _poller), () => Interlocked.Increment(ref _timesGone));
        var offer = sender.OfferAsync(3, _connection, []);
        using var packet = await peer.ReceiveAsync(Bounded.Token());

        await sender.DisposeAsync();

        Assert.Equal(OfferOutcome.PeerGone, await offer.WaitAsync(Bounded.Patience));
        Assert.Equal(0, _timesGone);
    }

    [Fact]
    public async Task Offers_BeyondTheWindow_WaitForAnAnswer()
    {
        var offers = Enumerable.Range(0, HandOverSender.WindowMax + 3).Select(_ => OfferAsync([])).ToArray();
        var sent = new List<HandOverFrame>();
        for (var number = 0; number < HandOverSender.WindowMax; number++)
            sent.Add((await ReceiveAsync()).Frame);

        // An offer is sent before its call returns, if it may be: so a message beyond the window would be here by now.
        var next = _peer.ReceiveAsync(Bounded.Token());
        Assert.False(next.IsCompleted);
        await AnswerAsync(HandOverKind.Accepted, sent[9].Connection);

        using var packet = await next;
        Assert.True(HandOverFrame.TryRead(packet!.Payload, out var frame));
        Assert.DoesNotContain(sent, earlier => earlier.Connection == frame.Connection);
        await Bounded.UntilAsync(() => offers.Any(offer => offer.IsCompleted), "the one that was answered has ended");
        Assert.Equal(1, offers.Count(offer => offer.IsCompleted));
    }

    [Fact]
    public async Task Offer_WithAsMuchUnreadAsTravelsInline_SendsItInTheFrame()
    {
        var unread = Bytes(HandOverFrame.InlineMax);
        var offer = OfferAsync(unread);

        var (frame, descriptors) = await ReceiveAsync();

        Assert.Equal((1, 0), (descriptors, frame.UnreadInMemoryFile));
        Assert.Equal(unread, frame.Unread.ToArray());
        Assert.False(offer.IsCompleted);
    }

    [Fact]
    public async Task Offer_WithMoreUnread_SendsItInASealedMemoryFile()
    {
        var unread = Bytes(HandOverFrame.InlineMax + 1);
        var offer = OfferAsync(unread);

        using var packet = await _peer.ReceiveAsync(Bounded.Token());

        Assert.True(HandOverFrame.TryRead(packet!.Payload, out var frame));
        Assert.Equal((unread.Length, 0), (frame.UnreadInMemoryFile, frame.Unread.Length));
        Assert.Equal(2, packet.Descriptors.Count);
        Assert.Equal(unread, MemoryFile.Read(packet.Descriptors[1], HandOverFrame.UnreadMax));
        Assert.False(offer.IsCompleted);
    }

    [Fact]
    public async Task Offer_WithMoreUnreadThanMayTravel_IsRefusedWithoutBeingSent()
    {
        Assert.Equal(OfferOutcome.Refused, await OfferAsync(new byte[HandOverFrame.UnreadMax + 1]).WaitAsync(Bounded.Patience));

        await _sender.FinishAsync();
        Assert.Equal(HandOverKind.Finished, (await ReceiveAsync()).Frame.Kind);
    }

    [Fact]
    public async Task Answers_ThatMakeNoSense_ArePassedOver()
    {
        var offer = OfferAsync([]);
        var (frame, _) = await ReceiveAsync();

        await _peer.SendAsync("rubbish"u8.ToArray(), [], Bounded.Token());
        await AnswerAsync(HandOverKind.Accepted, frame.Connection + 1);
        await AnswerAsync(HandOverKind.Finished, frame.Connection);
        await AnswerAsync(HandOverKind.Offer, frame.Connection);
        Assert.False(offer.IsCompleted);
        await AnswerAsync(HandOverKind.Refused, frame.Connection);

        Assert.Equal(OfferOutcome.Refused, await offer.WaitAsync(Bounded.Patience));
    }

    [Fact]
    public async Task Finish_WhenThePeerIsGone_DoesNoHarm()
    {
        await _peer.DisposeAsync();

        await _sender.FinishAsync().WaitAsync(Bounded.Patience);
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private Task<OfferOutcome> OfferAsync(byte[] unread) => _sender.OfferAsync(3, _connection, unread);

    private async Task<(HandOverFrame Frame, int Descriptors)> ReceiveAsync()
    {
        using var packet = await _peer.ReceiveAsync(Bounded.Token());
        Assert.True(HandOverFrame.TryRead(packet!.Payload, out var frame));
        return (frame, packet.Descriptors.Count);
    }

    private ValueTask AnswerAsync(HandOverKind kind, uint connection) =>
        _peer.SendAsync(new HandOverFrame(kind, connection).ToBytes(), [], Bounded.Token());

    private async Task AssertConnectedAsync()
    {
        using var ours = _connection.Duplicate().ToSocket();
        await KestrelScene.SendAsync(ours, "here");
        Assert.Equal("here", await KestrelScene.ReadUntilAsync(_client, "here"));
    }
}
