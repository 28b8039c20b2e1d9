// Connections between two requests that come from another worker: the server hears of them when their clients speak, and whatever
// happens until then happens to them as to any idle connection.

using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Midstream.Control.Workers;
using Midstream.Hosting.Tests.Counters;
using Midstream.Linux;

namespace Midstream.Hosting.Tests.Drain;

public sealed class ParkedConnectionTests : IAsyncDisposable
{
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(20);

    private readonly List<WorkerScene> _workers = [];
    private readonly List<Socket> _clients = [];

    // What the server of each worker was given, by worker.
    private readonly List<int> _served = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        foreach (var worker in _workers)
            await worker.DisposeAsync();
    }

    [Fact]
    public async Task MovedConnection_IsTheServersWhenItsClientSpeaks()
    {
        await StartAsync();
        var client = await AskedAsync();
        await MoveAllAsync();

        await _workers[1].CountedAsync(static now => now is { Open: 1, TakenOver: 1 }, "the connection has come");
        Assert.Equal(0, _served[1]);
        await AskAsync(client, "worker 1");

        Assert.Equal((1, 1, 1), (_served[1], _workers[1].Counters.Read().Open, _workers[1].Counters.Read().TakenOver));
        await AskAsync(client, "worker 1");
    }

    [Fact]
    public async Task SilentConnection_MovesOnAndNoServerInBetweenKnowsIt()
    {
        await StartAsync();
        var silent = await AskedAsync();
        var speaking = await AskedAsync();
        await MoveAllAsync();
        await AskAsync(speaking, "worker 1");
        await MoveAllAsync();
        await MoveAllAsync();

        await AskAsync(silent, "worker 3");
        await AskAsync(speaking, "worker 3");

        Assert.Equal([2, 1, 0, 2], _served);
        Assert.Equal(2, _workers[2].Counters.Read().Moved);
    }

    [Fact]
    public async Task PeerThatGoesAway_LeavesItToTheServer()
    {
        await StartAsync();
        var client = await AskedAsync();
        await MoveAllAsync();
        var (mine, others) = SeqPacketChannel.CreateDescriptorPair();
        using (others)
            await _workers[1].SayAsync(new DrainMessage((long)s_drain.TotalMilliseconds), others);

        // With an offer in its hands that it has not answered.
        mine.Dispose();
        await _workers[1].SayAsync(new ResumeMessage());
        await _workers[1].HearAsync<ResumedMessage>();

        await AskAsync(client, "worker 1");
        await AskAsync(client, "worker 1");
        Assert.Equal(1, _served[1]);
    }

    [Fact]
    public async Task ClientThatEndsIt_IsNoticed()
    {
        await StartAsync();
        var client = await AskedAsync();
        await MoveAllAsync();

        client.Shutdown(SocketShutdown.Both);

        await _workers[1].CountedAsync(static now => now is { Open: 0, Closed: 1 }, "the connection is closed");
        Assert.Equal(1, _served[1]);
    }

    [Fact]
    public async Task SilenceBeyondTheServersLimit_EndsIt()
    {
        await StartAsync();
        var client = await AskedAsync();
        await MoveAllAsync(TimeSpan.FromMilliseconds(200));

        Assert.Equal(0, await client.ReceiveAsync(new byte[1], Bounded.Token()));

        await _workers[1].CountedAsync(static now => now is { Open: 0, Closed: 1 }, "the connection is closed");
        Assert.Equal(0, _served[1]);
    }

    [Fact]
    public async Task DrainWithoutAPeer_EndsItInOrderBeforeItsTimeIsOver()
    {
        await StartAsync();
        var client = await AskedAsync();
        await MoveAllAsync();

        await _workers[1].SayAsync(new DrainMessage(2000));
        Assert.Equal(0, await client.ReceiveAsync(new byte[1], Bounded.Token()));
        client.Shutdown(SocketShutdown.Send);

        var report = (await _workers[1].HearAsync<DrainedMessage>()).Report;
        Assert.Equal((1, 0), (report.HalfClosed, report.ClosedAtDeadline));
    }

    [Fact]
    public async Task ServerThatStops_EndsIt()
    {
        await StartAsync();
        var client = await AskedAsync();
        await MoveAllAsync();

        await _workers[1].StopAsync();

        Assert.Equal(0, await client.ReceiveAsync(new byte[1], Bounded.Token()));
    }

    private async Task StartAsync(FileDescriptor? handOver = null, TimeSpan? keepAlive = null)
    {
        var number = _workers.Count;
        _served.Add(0);
        _workers.Add(await WorkerScene.StartAsync(
            context => context.Response.WriteAsync($"worker {number}"), handOver, listen => Count(listen, number, keepAlive)));
    }

    private void Count(ListenOptions listen, int number, TimeSpan? keepAlive)
    {
        if (keepAlive is { } limit)
            listen.KestrelServerOptions.Limits.KeepAliveTimeout = limit;
        listen.Use((ConnectionDelegate next) => connection =>
        {
            _served[number]++;
            return next(connection);
        });
    }

    // To a worker that is started for it, as in a deployment.
    private async Task MoveAllAsync(TimeSpan? keepAlive = null)
    {
        var (first, second) = SeqPacketChannel.CreateDescriptorPair();
        using (first)
        using (second)
        {
            var old = _workers[^1];
            await StartAsync(second, keepAlive);
            await old.SayAsync(new DrainMessage((long)s_drain.TotalMilliseconds), first);
            var report = (await old.HearAsync<DrainedMessage>()).Report;
            Assert.Equal((0, 0, 0, 0), (report.Announced, report.HalfClosed, report.ClosedByPeer, report.ClosedAtDeadline));
        }
    }

    private async Task<Socket> AskedAsync()
    {
        var client = await _workers[^1].ConnectAsync();
        _clients.Add(client);
        await AskAsync(client, $"worker {_workers.Count - 1}");
        return client;
    }

    private static async Task AskAsync(Socket client, string expected)
    {
        await KestrelScene.SendAsync(client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        var answer = await KestrelScene.ReadUntilAsync(client, "0\r\n\r\n");
        Assert.Contains(expected, answer, StringComparison.Ordinal);
    }
}
