// Many connections at once: they share packets with a peer that knows bundles, and go one by one to one that does not.

using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Midstream.Control.HandOver;
using Midstream.Hosting.HandOver;
using Midstream.Linux;

namespace Midstream.Hosting.Tests;

public sealed class HandOverBundleTests : IAsyncLifetime
{
    private const int Large = 8;
    private const int Small = 40;

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
    public async Task Offers_WhileThePeerIsBusy_ShareAPacketAndItsAnswer()
    {
        var (peer, sender) = await GreetedAsync(HandOverBundle.Version);
        await using var _ = peer;
        await using var sending = sender;
        using var connections = new Connections();

        var offers = Crowd(sender, connections);
        var packets = await ReceiveAllAsync(peer);

        Assert.True(packets.Count < (Large + Small) / 2, $"{packets.Count} packets");
        foreach (var packet in packets)
            await peer.SendAsync(Accept(packet), [], Bounded.Token());
        Assert.All(
            await Task.WhenAll(offers).WaitAsync(Bounded.Patience), outcome => Assert.Equal(OfferOutcome.Accepted, outcome));
    }

    [Fact]
    public async Task Offers_ToAPeerOfVersionTwo_GoOneByOne()
    {
        var (peer, sender) = await GreetedAsync(HandOverFrame.ResumeVersion);
        await using var _ = peer;
        await using var sending = sender;
        using var connections = new Connections();

        var offers = Crowd(sender, connections);
        var packets = await ReceiveAllAsync(peer);

        Assert.All(packets, static packet => Assert.Single(packet));
        foreach (var packet in packets)
            await peer.SendAsync(Accept(packet), [], Bounded.Token());
        Assert.All(
            await Task.WhenAll(offers).WaitAsync(Bounded.Patience), outcome => Assert.Equal(OfferOutcome.Accepted, outcome));
    }

    [Fact]
    public async Task Receive_OfABundle_AnswersForEachAndServesThoseItHasAccepted()
    {
        var (channel, taking) = Receive();
        await using var _ = channel;
        using var connections = new Connections();
        using var request = MemoryFile.Create("unread", "GET / HTTP/1.1\r\nHost: te"u8);
        var ends = Enumerable.Range(0, 3).Select(_ => connections.Next()).ToArray();
        byte[][] frames =
        [
            new HandOverFrame(HandOverKind.Offer, 1, KestrelScene.ListenerId, UnreadInMemoryFile: 24).ToBytes(),
            new HandOverFrame(HandOverKind.Offer, 2, KestrelScene.ListenerId + 1).ToBytes(),
            new HandOverFrame(HandOverKind.Offer, 3, KestrelScene.ListenerId, "GET / HTTP/1.1\r\nHost: te"u8.ToArray()).ToBytes(),
        ];
        (await channel.ReceiveAsync(Bounded.Token()))!.Dispose();

        await channel.SendAsync(
            HandOverBundle.ToBytes(frames), [ends[0].Server, request, ends[1].Server, ends[2].Server], Bounded.Token());

        using var packet = await channel.ReceiveAsync(Bounded.Token());
        var answers = HandOverBundle.TryRead(packet!.Payload);
        Assert.NotNull(answers);
        Assert.Equal(
            [(HandOverKind.Accepted, 1u), (HandOverKind.Refused, 2u), (HandOverKind.Accepted, 3u)],
            answers.Select(static answer => (answer.Kind, answer.Connection)));
        foreach (var client in new[] { ends[0].Client, ends[2].Client })
        {
            await KestrelScene.SendAsync(client, "sted\r\n\r\n");
            await KestrelScene.ReadUntilAsync(client, "served.");
        }

        await channel.DisposeAsync();
        Assert.Equal(2, await taking.WaitAsync(Bounded.Patience));
    }

    [Fact]
    public async Task Receive_OfABrokenBundle_EndsTheChannelAndTakesNoneOfIt()
    {
        var (channel, taking) = Receive();
        await using var _ = channel;
        using var connections = new Connections();
        var frame = new HandOverFrame(HandOverKind.Offer, 1, KestrelScene.ListenerId).ToBytes();
        var bundle = HandOverBundle.ToBytes([frame, frame]);
        (await channel.ReceiveAsync(Bounded.Token()))!.Dispose();

        await channel.SendAsync(
            bundle.AsMemory(0, bundle.Length - 1), [connections.Next().Server, connections.Next().Server], Bounded.Token());

        Assert.Null(await channel.ReceiveAsync(Bounded.Token()));
        Assert.Equal(0, await taking.WaitAsync(Bounded.Patience));
    }

    // The large ones fill the socket's queue, so that the small ones wait.
    private static Task<OfferOutcome>[] Crowd(HandOverSender sender, Connections connections) =>
        [.. Enumerable.Range(0, Large + Small).Select(number => sender.OfferAsync(
            KestrelScene.ListenerId, connections.Next().Server, new byte[number < Large ? HandOverFrame.InlineMax : 10]))];

    private static async Task<List<IReadOnlyList<HandOverFrame>>> ReceiveAllAsync(SeqPacketChannel peer)
    {
        var packets = new List<IReadOnlyList<HandOverFrame>>();
        while (packets.Sum(static packet => packet.Count) < Large + Small)
        {
            using var packet = await peer.ReceiveAsync(Bounded.Token());
            var frames = HandOverBundle.TryRead(packet!.Payload)
                ?? (HandOverFrame.TryRead(packet.Payload, out var frame) ? [frame] : []);
            Assert.NotEmpty(frames);
            Assert.Equal(frames.Count, packet.Descriptors.Count);
            packets.Add(frames);
        }

        return packets;
    }

    private static byte[] Accept(IReadOnlyList<HandOverFrame> frames)
    {
        var answers = frames
            .Select(static frame => new HandOverFrame(HandOverKind.Accepted, frame.Connection).ToBytes()).ToArray();
        return answers.Length == 1 ? answers[0] : HandOverBundle.ToBytes(answers);
    }

    private async Task<(SeqPacketChannel Peer, HandOverSender Sender)> GreetedAsync(byte version)
    {
        var (local, remote) = SeqPacketChannel.CreatePair(_poller);
        await local.SendAsync(new HandOverFrame(HandOverKind.Greeting, version, 1000).ToBytes(), [], Bounded.Token());
        return (local, new HandOverSender(new SeqPacketChannel(remote, _poller), static () => { }));
    }

    private (SeqPacketChannel Channel, Task<long> Taking) Receive()
    {
        var (sending, receiving) = SeqPacketChannel.CreateDescriptorPair();
        var receiver = new HandOverReceiver(new SeqPacketChannel(receiving, _poller), _scene.Transport, NullLogger.Instance);
        return (new SeqPacketChannel(sending, _poller), receiver.RunAsync());
    }

    private sealed class Connections : IDisposable
    {
        private readonly List<(Socket Client, FileDescriptor Server)> _all = [];

        public (Socket Client, FileDescriptor Server) Next()
        {
            var (first, second) = SocketPair.CreateStream();
            _all.Add((first.ToSocket(), second));
            return _all[^1];
        }

        public void Dispose()
        {
            foreach (var (client, server) in _all)
            {
                client.Dispose();
                server.Dispose();
            }
        }
    }
}
