// Workers of different versions on the two ends of one channel. A peer of version 1 is played by the bytes it sends and reads.

using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Midstream.Control.HandOver;
using Midstream.Hosting.HandOver;
using Midstream.Linux;

namespace Midstream.Hosting.Tests;

public sealed class HandOverVersionsTests : IAsyncLifetime
{
    private static readonly Passage s_passage = new(PassageKind.Stream, default, default, "state"u8.ToArray());

    private readonly FdPoller _poller = new();
    private KestrelScene _scene = null!;

    public async ValueTask InitializeAsync() =>
        _scene = await KestrelScene.StartAsync(static context => context.Response.WriteAsync("served."));

    public async ValueTask DisposeAsync()
    {
        await _scene.DisposeAsync();
        _poller.Dispose();
    }

    [Fact]
    public async Task Receive_FromVersionOne_TakesItsOfferAndAnswersInItsWords()
    {
        var (channel, taking) = Receive();
        await using var _ = channel;
        var (client, connection) = Connected();
        using var clientEnd = client;

        // offer, connection 9, listener 7, the two unread bytes "GE".
        await channel.SendAsync(Hex("01010000 09000000 07000000 02000000 4745"), [connection], Bounded.Token());
        connection.Dispose();

        // The greeting is passed over by version 1: no kind it knows.
        using (var greeting = await channel.ReceiveAsync(Bounded.Token()))
            Assert.Equal((2, 6), (greeting!.Payload.Span[0], greeting.Payload.Span[1]));
        using (var answer = await channel.ReceiveAsync(Bounded.Token()))
            Assert.Equal(Hex("01020000 09000000 00000000 00000000"), answer!.Payload.ToArray());
        await KestrelScene.SendAsync(client, "T / HTTP/1.1\r\nHost: tested\r\n\r\n");
        await KestrelScene.ReadUntilAsync(client, "served.");
        await channel.SendAsync(Hex("01040000 00000000 00000000 00000000"), [], Bounded.Token());
        Assert.Equal(1, await taking.WaitAsync(Bounded.Patience));
    }

    [Fact]
    public async Task Offer_ToVersionOne_IsInItsWords()
    {
        var (peer, sender) = Send();
        await using var _ = peer;
        await using var sending = sender;
        var (client, connection) = Connected();
        using var clientEnd = client;
        using var owned = connection;

        var offer = sender.OfferAsync(7, connection, "GE"u8.ToArray());
        using (var packet = await peer.ReceiveAsync(Bounded.Token()))
            Assert.Equal(Hex("01010000 01000000 07000000 02000000 4745"), packet!.Payload.ToArray());
        await peer.SendAsync(Hex("01020000 01000000 00000000 00000000"), [], Bounded.Token());

        Assert.Equal(OfferOutcome.Accepted, await offer.WaitAsync(Bounded.Patience));
    }

    [Fact]
    public async Task Offer_OfAConversationToVersionOne_IsRefusedWithoutBeingSent()
    {
        var (peer, sender) = Send();
        await using var _ = peer;
        await using var sending = sender;
        var (client, connection) = Connected();
        using var clientEnd = client;
        using var owned = connection;

        Assert.Equal(
            OfferOutcome.Refused, await sender.OfferAsync(7, connection, [], s_passage).WaitAsync(Bounded.Patience));

        await sender.FinishAsync();
        using var packet = await peer.ReceiveAsync(Bounded.Token());
        Assert.Equal((byte)HandOverKind.Finished, packet!.Payload.Span[1]);
    }

    [Fact]
    public async Task Offer_ToAPeerThatHasGreeted_SendsTheConversationAndKeepsTheBudget()
    {
        var (local, remote) = SeqPacketChannel.CreatePair(_poller);
        await using var peer = local;
        await peer.SendAsync(new HandOverFrame(HandOverKind.Greeting, 2, Listener: 1).ToBytes(), [], Bounded.Token());
        await using var sender = new HandOverSender(new SeqPacketChannel(remote, _poller), static () => { });
        var (client, connection) = Connected();
        using var clientEnd = client;
        using var owned = connection;

        var first = sender.OfferAsync(7, connection, "x"u8.ToArray(), s_passage);
        // The peer has descriptors for one connection only: the second is never sent.
        Assert.Equal(OfferOutcome.Refused, await sender.OfferAsync(7, connection, []).WaitAsync(Bounded.Patience));

        using var packet = await peer.ReceiveAsync(Bounded.Token());
        Assert.True(HandOverFrame.TryRead(packet!.Payload, out var frame));
        Assert.Equal(HandOverKind.Resume, frame.Kind);
        Assert.Equal("state"u8.ToArray(), Passage.TryRead(frame.Unread[..frame.PassageLength])!.State.ToArray());
        Assert.Equal("x"u8.ToArray(), frame.Unread[frame.PassageLength..].ToArray());
        await peer.SendAsync(new HandOverFrame(HandOverKind.Accepted, frame.Connection).ToBytes(), [], Bounded.Token());
        Assert.Equal(OfferOutcome.Accepted, await first.WaitAsync(Bounded.Patience));
    }

    [Theory]
    [InlineData("03010000 05000000 07000000 00000000")]
    [InlineData("02630000 05000000 07000000 00000000 ffffffffffffffff")]
    public async Task Receive_OfWhatANewerPeerSays_IsRefusedByItsNumberAndTheNextIsTaken(string unknown)
    {
        var (channel, taking) = Receive();
        await using var _ = channel;
        var (client, connection) = Connected();
        using var clientEnd = client;
        (await channel.ReceiveAsync(Bounded.Token()))!.Dispose();

        await channel.SendAsync(Hex(unknown), [connection], Bounded.Token());
        using (var answer = await channel.ReceiveAsync(Bounded.Token()))
            Assert.Equal(Hex("01030000 05000000 00000000 00000000"), answer!.Payload.ToArray());
        await channel.SendAsync(Hex("01010000 06000000 07000000 00000000"), [connection], Bounded.Token());
        connection.Dispose();
        using (var answer = await channel.ReceiveAsync(Bounded.Token()))
            Assert.Equal(Hex("01020000 06000000 00000000 00000000"), answer!.Payload.ToArray());

        await KestrelScene.SendAsync(client, "GET / HTTP/1.1\r\nHost: tested\r\n\r\n");
        await KestrelScene.ReadUntilAsync(client, "served.");
        await channel.DisposeAsync();
        Assert.Equal(1, await taking.WaitAsync(Bounded.Patience));
    }

    [Fact]
    public async Task Receive_OfDescriptorsOfAnyOtherKind_HarmsNothing()
    {
        var (channel, taking) = Receive();
        await using var _ = channel;
        (await channel.ReceiveAsync(Bounded.Token()))!.Dispose();
        using var datagram = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var unconnected = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var listening = ListeningSocket.BindTcp(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0), 1);
        using var file = MemoryFile.Create("no-socket", "text"u8);
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream();
        System.Runtime.InteropServices.SafeHandle[] wrong =
            [datagram.SafeHandle, listening, file, pipe.SafePipeHandle, unconnected.SafeHandle];

        foreach (var descriptor in wrong)
        {
            await channel.SendAsync(Hex("01010000 06000000 07000000 00000000"), [descriptor], Bounded.Token());
            (await channel.ReceiveAsync(Bounded.Token()))!.Dispose();
        }

        var (client, connection) = Connected();
        using var clientEnd = client;
        await channel.SendAsync(Hex("01010000 07000000 07000000 00000000"), [connection], Bounded.Token());
        connection.Dispose();
        await KestrelScene.SendAsync(client, "GET / HTTP/1.1\r\nHost: tested\r\n\r\n");
        await KestrelScene.ReadUntilAsync(client, "served.");
        await channel.DisposeAsync();
        await taking.WaitAsync(Bounded.Patience);
    }

    private (SeqPacketChannel Channel, Task<long> Taking) Receive()
    {
        var (sending, receiving) = SeqPacketChannel.CreateDescriptorPair();
        var receiver = new HandOverReceiver(new SeqPacketChannel(receiving, _poller), _scene.Transport, NullLogger.Instance);
        return (new SeqPacketChannel(sending, _poller), receiver.RunAsync());
    }

    private (SeqPacketChannel Peer, HandOverSender Sender) Send()
    {
        var (local, remote) = SeqPacketChannel.CreatePair(_poller);
        return (local, new HandOverSender(new SeqPacketChannel(remote, _poller), static () => { }));
    }

    private static byte[] Hex(string bytes) => Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal));

    private static (Socket Client, FileDescriptor Connection) Connected()
    {
        var (first, second) = SocketPair.CreateStream();
        return (first.ToSocket(), second);
    }
}
