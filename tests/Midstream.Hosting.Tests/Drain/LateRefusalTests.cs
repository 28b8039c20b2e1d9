// A connection that comes back from the new worker when hardly any time is left: nobody asks on it any more, and it has to be
// ended as gently as the others all the same.

using System.Net.Sockets;
using Midstream.Control.HandOver;
using Midstream.Control.Workers;
using Midstream.Hosting.Tests.Counters;
using Midstream.Linux;

namespace Midstream.Hosting.Tests.Drain;

public sealed class LateRefusalTests
{
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(6);

    [Fact]
    public async Task Drain_WithAConnectionRefusedInTheLastCall_HalfClosesItToo()
    {
        await using var old = await WorkerScene.StartAsync(static _ => Task.CompletedTask);
        using var poller = new FdPoller();
        var clients = new List<Socket> { await AskedAsync(old), await AskedAsync(old) };
        var (remote, local) = SeqPacketChannel.CreateDescriptorPair();
        await using var peer = new SeqPacketChannel(local, poller);
        using (remote)
            await old.SayAsync(new DrainMessage((long)s_drain.TotalMilliseconds), remote);
        var (first, second) = (await OfferAsync(peer), await OfferAsync(peer));

        // The last call is heard by the one that is back by then.
        await RefuseAsync(peer, first);
        var endings = clients.ConvertAll(EndAsync);
        await Task.WhenAny(endings);
        await RefuseAsync(peer, second);
        await Task.WhenAll(endings);

        var report = (await old.HearAsync<DrainedMessage>()).Report;
        Assert.Equal((2, 0), (report.HalfClosed, report.ClosedAtDeadline));
    }

    private static async Task<Socket> AskedAsync(WorkerScene worker)
    {
        var client = await worker.ConnectAsync();
        await KestrelScene.SendAsync(client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.True(await client.ReceiveAsync(new byte[1024], Bounded.Token()) > 0);
        return client;
    }

    private static async Task EndAsync(Socket client)
    {
        Assert.Equal(0, await client.ReceiveAsync(new byte[1024], Bounded.Token()));
        client.Dispose();
    }

    private static async Task<uint> OfferAsync(SeqPacketChannel peer)
    {
        using var packet = await peer.ReceiveAsync(Bounded.Token());
        Assert.True(HandOverFrame.TryRead(packet!.Payload, out var offer));
        return offer.Connection;
    }

    private static ValueTask RefuseAsync(SeqPacketChannel peer, uint connection) =>
        peer.SendAsync(new HandOverFrame(HandOverKind.Refused, connection).ToBytes(), [], Bounded.Token());
}
