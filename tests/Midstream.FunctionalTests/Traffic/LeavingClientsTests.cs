// Clients that go away in the middle of a hand-over, and connections that are nobody's: they are neither moved twice nor kept.

using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

public sealed class LeavingClientsTests
{
    private const int Clients = 100;

    [Fact]
    public async Task HandOver_WhileClientsReset_SucceedsAndLeaksNothing()
    {
        await using var change = await Changeover.PrepareAsync();
        var connections = new List<RawConnection>();
        for (var number = 0; number < Clients; number++)
        {
            var connection = await change.ConnectAsync();
            Assert.Equal(change.OldPid, await Changeover.WhoAsync(connection));
            connections.Add(connection);
        }

        // The first half goes while the new process starts, so that the last of them meet the drain.
        await change.StartNewAsync();
        var handOver = change.HandOverAsync();
        foreach (var connection in connections.Take(Clients / 2))
            connection.Reset();
        await handOver;
        foreach (var connection in connections.Skip(Clients / 2))
            connection.Reset();
        await change.EndAsync();

        await Waiting.UntilAsync(() => ClientSockets(change) == 1, "the end of every connection but the witness's");
        Assert.False(Processes.IsAlive(change.OldPid));
        Assert.Equal(change.NewPid, await Changeover.WhoAsync(await change.ConnectAsync()));
    }

    [Fact]
    public async Task HandOver_AfterAClientHasEndedItsSending_EndsItsConnectionAndSucceeds()
    {
        await using var change = await Changeover.PrepareAsync();
        var before = await change.ConnectAsync();
        var during = await change.ConnectAsync();
        Assert.Equal(change.OldPid, await Changeover.WhoAsync(before));
        Assert.Equal(change.OldPid, await Changeover.WhoAsync(during));

        await change.StartNewAsync();
        before.EndSending();
        await change.HandOverAsync();
        during.EndSending();

        Assert.True(await before.IsEndedAsync());
        Assert.True(await during.IsEndedAsync());
        await change.EndAsync();
        await Waiting.UntilAsync(() => ClientSockets(change) == 1, "the end of both connections");
    }

    [Fact]
    public async Task HandOver_WhenAClientEndsItsSendingBehindItsRequest_IsNotHeldUpByIt()
    {
        await using var change = await Changeover.PrepareAsync();
        var connection = await change.ConnectAsync();
        await change.StartNewAsync();
        await connection.SendAsync("GET /slow?ms=60000 HTTP/1.1\r\nHost: test\r\n\r\n");

        await change.HandOverAsync();
        // To Kestrel a client that has ended its sending has given its request up, with a hand-over and without.
        connection.EndSending();
        var drained = (await change.EndAsync()).Connections!;

        Assert.Equal((1, 1, 0), (drained.Moved, drained.ClosedByPeer, drained.ClosedAtDeadline));
        Assert.True(await connection.IsEndedAsync());
    }

    [Fact]
    public async Task HandOver_WithHealthChecksAndWarmUp_MovesClientsConnectionsAlone()
    {
        await using var change = await Changeover.PrepareAsync(more: """
            , "health": { "path": "/healthz", "interval_ms": 10 }, "warm_up": [{ "path": "/", "count": 20 }]
            """);
        var connection = await change.ConnectAsync();
        Assert.Equal(change.OldPid, await Changeover.WhoAsync(connection));

        var drained = (await change.DeployAsync()).Connections!;

        // The test's own and the witness.
        Assert.Equal(2, drained.Moved);
        Assert.Equal((0, 0, 0), (drained.Announced, drained.ClosedByPeer, drained.ClosedAtDeadline));
    }

    // Connections of the listener's port, as the kernel counts them for the process that has them now.
    private static int ClientSockets(Changeover change) => TcpSockets.Established(change.NewPid, change.Service.Url.Port);
}
