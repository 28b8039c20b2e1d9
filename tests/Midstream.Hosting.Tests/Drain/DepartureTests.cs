// A connection between two requests is offered while its server waits for the next one: taken or not, the client notices nothing.

using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Midstream.Control.HandOver;
using Midstream.Control.Workers;
using Midstream.Hosting.Tests.Counters;
using Midstream.Linux;

namespace Midstream.Hosting.Tests.Drain;

public sealed class DepartureTests : IAsyncLifetime
{
    private readonly FdPoller _poller = new();
    private WorkerScene _worker = null!;
    private SeqPacketChannel _peer = null!;
    private FileDescriptor _peersEnd = null!;

    public async ValueTask InitializeAsync()
    {
        _worker = await WorkerScene.StartAsync(AnswerPathAsync);
        var (remote, local) = SeqPacketChannel.CreateDescriptorPair();
        (_peersEnd, _peer) = (remote, new SeqPacketChannel(local, _poller));
    }

    public async ValueTask DisposeAsync()
    {
        _peersEnd.Dispose();
        await _peer.DisposeAsync();
        await _worker.DisposeAsync();
        _poller.Dispose();
    }

    [Fact]
    public async Task Refused_WithHalfARequestInTheKernel_AnswersItAndSaysThatItIsTheLast()
    {
        using var client = await AskedAsync("/one");
        await DrainAsync();
        var offer = await OfferAsync();
        await KestrelScene.SendAsync(client, "GET /two HT");

        await RefuseAsync(offer);
        await KestrelScene.SendAsync(client, "TP/1.1\r\nHost: h\r\n\r\n");

        var rest = await KestrelScene.ReadToEndAsync(client);
        Assert.Contains("Connection: close\r\n", rest, StringComparison.Ordinal);
        Assert.EndsWith("/two", rest, StringComparison.Ordinal);
        Assert.Equal((0, 1), Counts(await _worker.HearAsync<DrainedMessage>()));
    }

    [Fact]
    public async Task PeerGone_AndResumed_ServesOnAsIfNothingHadBeen()
    {
        using var client = await AskedAsync("/one");
        await DrainAsync();
        Assert.True((await OfferAsync()).IsBetweenRequests);

        await _peer.DisposeAsync();
        await _worker.SayAsync(new ResumeMessage());
        await _worker.HearAsync<ResumedMessage>();

        foreach (var path in new[] { "/two", "/three" })
        {
            await KestrelScene.SendAsync(client, $"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n");
            var answer = await KestrelScene.ReadUntilAsync(client, path);
            Assert.DoesNotContain("Connection: close", answer, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Equal(1, _worker.Counters.Read().Open);
    }

    [Fact]
    public async Task Refused_WhenItsClientHasEndedIt_EndsHereToo()
    {
        var client = await AskedAsync("/one");
        await DrainAsync();
        var offer = await OfferAsync();

        client.Dispose();
        await RefuseAsync(offer);

        var report = (await _worker.HearAsync<DrainedMessage>()).Report;
        Assert.Equal((0, 1), (report.Moved, report.ClosedByPeer + report.Announced));
        await _worker.CountedAsync(static now => now.Open == 0, "the connection is closed");
    }

    [Fact]
    public async Task Accepted_IsTheOthersAloneFromThenOn()
    {
        using var client = await AskedAsync("/one");
        await DrainAsync();
        using var packet = await _peer.ReceiveAsync(Bounded.Token());
        Assert.True(HandOverFrame.TryRead(packet!.Payload, out var offer));
        using var taken = packet.Take(0).ToSocket();

        await _peer.SendAsync(new HandOverFrame(HandOverKind.Accepted, offer.Connection).ToBytes(), [], Bounded.Token());
        var counts = Counts(await _worker.HearAsync<DrainedMessage>());
        await _worker.StopAsync();
        await KestrelScene.SendAsync(client, "next");

        // Neither read nor ended by the server that has cleared away what it had for it.
        Assert.Equal("next", await KestrelScene.ReadUntilAsync(taken, "next"));
        await KestrelScene.SendAsync(taken, "answer");
        Assert.Equal("answer", await KestrelScene.ReadUntilAsync(client, "answer"));
        Assert.Equal((1, 0), counts);
    }

    private static (long Moved, long Announced) Counts(DrainedMessage drained) =>
        (drained.Report.Moved, drained.Report.Announced);

    private async Task<Socket> AskedAsync(string path)
    {
        var client = await _worker.ConnectAsync();
        await KestrelScene.SendAsync(client, $"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n");
        await KestrelScene.ReadUntilAsync(client, path);
        return client;
    }

    private Task DrainAsync() => _worker.SayAsync(new DrainMessage(20_000), _peersEnd);

    private async Task<HandOverFrame> OfferAsync()
    {
        using var packet = await _peer.ReceiveAsync(Bounded.Token());
        Assert.True(HandOverFrame.TryRead(packet!.Payload, out var offer));
        return offer with { Unread = offer.Unread.ToArray() };
    }

    private ValueTask RefuseAsync(HandOverFrame offer) =>
        _peer.SendAsync(new HandOverFrame(HandOverKind.Refused, offer.Connection).ToBytes(), [], Bounded.Token());

    private static Task AnswerPathAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        context.Response.ContentLength = path.Length;
        return context.Response.WriteAsync(path);
    }
}
