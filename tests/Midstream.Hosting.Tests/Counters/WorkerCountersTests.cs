// What a worker counts of real requests and connections, and what it does not.

using Microsoft.AspNetCore.Http;
using Midstream.Control.Workers;
using Midstream.Hosting.Counters;
using Midstream.Linux;

namespace Midstream.Hosting.Tests.Counters;

public class WorkerCountersTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

    [Theory]
    [InlineData("/ok", 0)]
    [InlineData("/not-found", 0)]
    [InlineData("/unavailable", 1)]
    [InlineData("/throws-at-once", 1)]
    [InlineData("/throws-later", 1)]
    [InlineData("/throws-after-its-head", 1)]
    public async Task Request_ByItsEnd_IsCountedOnceAndAnErrorWhenTheWorkerFailed(string path, long errors)
    {
        await using var scene = await WorkerScene.StartAsync(Answer);

        await scene.AskOnceAsync(path);

        var counted = await scene.CountedAsync(report => report.Requests == 1 && report.Closed == 1, "the request is counted");
        Assert.Equal(errors, counted.Errors);
        Assert.Equal(0, counted.InFlight);
    }

    [Fact]
    public async Task Request_WithAChunkedBody_IsCountedLikeAnyOther()
    {
        await using var scene = await WorkerScene.StartAsync(Answer);
        using var client = await scene.ConnectAsync();

        await KestrelScene.SendAsync(
            client, "POST /unavailable HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n");
        await KestrelScene.ReadUntilAsync(client, "\r\n\r\n");

        var counted = await scene.CountedAsync(report => report.Requests == 1, "the request is counted");
        Assert.Equal(1, counted.Errors);
    }

    [Fact]
    public async Task Request_WhoseClientLeaves_IsNoError()
    {
        var began = new TaskCompletionSource();
        await using var scene = await WorkerScene.StartAsync(async context =>
        {
            began.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using (var client = await scene.ConnectAsync())
        {
            await KestrelScene.SendAsync(client, Get);
            await began.Task.WaitAsync(Bounded.Patience);
        }

        var counted = await scene.CountedAsync(report => report.Requests == 1, "the request is counted");
        Assert.Equal(0, counted.Errors);
    }

    [Fact]
    public async Task Request_UnderWay_IsInFlightAndAges()
    {
        var gate = new TaskCompletionSource();
        await using var scene = await WorkerScene.StartAsync(_ => gate.Task);
        using var client = await scene.ConnectAsync();
        await KestrelScene.SendAsync(client, Get);

        var during = await scene.CountedAsync(report => report.LongestRequestMs > 5, "the request is under way");
        gate.SetResult();
        var after = await scene.CountedAsync(report => report.Requests == 1, "the request is counted");

        Assert.Equal((1, 0), (during.InFlight, during.Requests));
        Assert.Equal((0, 0), (after.InFlight, after.LongestRequestMs));
    }

    [Fact]
    public async Task WebSocket_UnderWay_IsInFlightButNotLate()
    {
        var done = new TaskCompletionSource();
        var upgraded = new TaskCompletionSource();
        await using var scene = await WorkerScene.StartAsync(async context =>
        {
            await context.WebSockets.AcceptWebSocketAsync();
            upgraded.SetResult();
            await done.Task;
        });
        using var client = await scene.ConnectAsync();

        await KestrelScene.SendAsync(
            client,
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        await upgraded.Task.WaitAsync(Bounded.Patience);

        var counted = scene.Counters.Read();
        Assert.Equal((1, 0), (counted.InFlight, counted.LongestRequestMs));
        done.SetResult();
    }

    [Fact]
    public async Task SupervisorsOwnRequest_OfAnyKind_IsNotCounted()
    {
        await using var scene = await WorkerScene.StartAsync(Answer);
        var (near, far) = SocketPair.CreateStream();
        using (far)
            await scene.SayAsync(new ConnectMessage(WorkerScene.ListenerId), far);
        using var socket = near.ToSocket();

        await KestrelScene.SendAsync(socket, "GET /unavailable HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        await KestrelScene.ReadToEndAsync(socket);
        await scene.AskOnceAsync("/ok");

        var counted = await scene.CountedAsync(report => report.Closed == 1, "the connection is counted");
        Assert.Equal((1, 0, 1, 0), (counted.Requests, counted.Errors, counted.Accepted, counted.Open));
    }

    [Fact]
    public async Task Connections_OpenAndClosed_AddUp()
    {
        await using var scene = await WorkerScene.StartAsync(Answer);
        using var stays = await scene.ConnectAsync();
        await KestrelScene.SendAsync(stays, Get);
        await KestrelScene.ReadUntilAsync(stays, "\r\n\r\n");
        await scene.AskOnceAsync("/ok");

        var counted = await scene.CountedAsync(report => report.Closed == 1, "one is closed");
        Assert.Equal((2, 1), (counted.Accepted, counted.Open));
    }

    [Fact]
    public void ConnectionMovedAndReturned_BySameSocket_CountsItOnce()
    {
        var counters = new WorkerCounters(TimeProvider.System);
        counters.ConnectionArrived(Transport.ArrivalOrigin.HandedOver);
        counters.ConnectionArrived(Transport.ArrivalOrigin.Returned);
        counters.ConnectionReturned(Transport.ArrivalOrigin.HandedOver);
        counters.ConnectionMoved(Transport.ArrivalOrigin.Returned);
        counters.ConnectionArrived(Transport.ArrivalOrigin.Supervisor);
        counters.ConnectionMoved(Transport.ArrivalOrigin.Supervisor);

        var counted = counters.Read();
        Assert.Equal((0, 1, 1, 0, 0), (counted.Accepted, counted.TakenOver, counted.Moved, counted.Closed, counted.Open));
    }

    [Fact]
    public void Requests_InGreatNumbers_AllocateNothingOnceWarm()
    {
        var counters = new WorkerCounters(TimeProvider.System);
        for (var i = 0; i < 10_000; i++)
            counters.BeginRequest().End();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
            counters.BeginRequest().End();

        // A thread that moves to a processor it has not been on yet may warm that one's shard.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000);
    }

    [Fact]
    public void LongestRequest_OfSeveral_IsTheOldestThatIsUnderWay()
    {
        var time = new HandTime();
        var counters = new WorkerCounters(time);
        var oldest = counters.BeginRequest();
        time.Advance(TimeSpan.FromSeconds(2));
        counters.BeginRequest();
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(3000, counters.Read().LongestRequestMs);
        oldest.End();
        Assert.Equal(1000, counters.Read().LongestRequestMs);
    }

    [Fact]
    public async Task Requests_FromManyThreads_AreAllCounted()
    {
        var counters = new WorkerCounters(TimeProvider.System);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                var request = counters.BeginRequest();
                if (i % 64 == 0)
                    await Task.Yield();
                request.End();
            }
        })));

        Assert.Equal((40_000, 0), (counters.Read().Requests, counters.Read().InFlight));
    }

    private sealed class HandTime : TimeProvider
    {
        private long _now = 1;

        public override long GetTimestamp() => _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => _now += time.Ticks;
    }

    private static async Task Answer(HttpContext context)
    {
        switch (context.Request.Path)
        {
            case "/not-found":
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
            case "/unavailable":
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                break;
            case "/throws-at-once":
                throw new InvalidOperationException("At once.");
            case "/throws-later":
                await Task.Yield();
                throw new InvalidOperationException("Later.");
            case "/throws-after-its-head":
                await context.Response.StartAsync();
                throw new InvalidOperationException("After the head.");
        }
    }
}
