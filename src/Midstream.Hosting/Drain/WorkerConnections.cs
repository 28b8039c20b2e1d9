using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Midstream.Control.HandOver;
using Midstream.Control.Workers;
using Midstream.Core.Drain;
using Midstream.Hosting.Counters;
using Midstream.Hosting.HandOver;
using Midstream.Hosting.Transport;
using Midstream.Linux;

namespace Midstream.Hosting.Drain;

/// <summary>
/// All connections of this worker, and what a drain does to each: moves it if it can be moved, else ends it in the way its
/// protocol announces, else closes it when the time is over.
/// </summary>
/// <remarks>Thread-safe. At most one drain at a time; <see cref="Resume"/> takes the present one back.</remarks>
/// <param name="wakeUps">The process's epoll registrations.</param>
/// <param name="counters">Counts what comes and goes.</param>
/// <param name="notice">Tells the application.</param>
/// <param name="logger">For what is noteworthy.</param>
internal sealed partial class WorkerConnections(
    EpollRegistrations wakeUps, WorkerCounters counters, HandOverNotice notice, ILogger<WorkerConnections> logger)
    : IConnectionHome
{
    // So many are on their way out at once: the pool's queue stays short, and clients that are being served do not wait for a
    // crowd.
    private const int LeavingAtOnceMax = 128;

    private static readonly TimeSpan s_abortTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_lastCallMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_resumeTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_closeTick = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentDictionary<MidstreamConnection, byte> _connections = new();
    private readonly ConcurrentDictionary<ParkedConnection, byte> _parked = new();
    private volatile DrainRun? _drain;

    /// <summary>Gets the number of connections, the supervisor's own not counted.</summary>
    public int Count => _connections.Count(entry => !entry.Key.IsPrivate) + _parked.Count;

    /// <summary>Lets go of every connection.</summary>
    /// <param name="peer">Takes what can move; null when nobody does.</param>
    /// <param name="timeout">After this, what is left is closed.</param>
    /// <param name="takenBack">Ends the drain without closing anything.</param>
    /// <returns>What became of the connections.</returns>
    /// <exception cref="OperationCanceledException">The drain was taken back.</exception>
    public async Task<DrainReport> DrainAsync(HandOverSender? peer, TimeSpan timeout, CancellationToken takenBack)
    {
        var lastCall = timeout / 4 < s_lastCallMax ? timeout / 4 : s_lastCallMax;
        var run = new DrainRun(peer, counters, LeavingAtOnceMax, timeout - lastCall);
        try
        {
            await DrainAsync(run, timeout, lastCall, takenBack);
            return run.Report();
        }
        finally
        {
            run.SetOver();
        }
    }

    /// <summary>Takes the drain back: every connection that is still here is served on.</summary>
    public void Resume()
    {
        _drain = null;
        notice.TakeBack();
        foreach (var connection in _connections.Keys)
            connection.Reader.Stay();
    }

    public void Arrived(MidstreamConnection connection)
    {
        counters.ConnectionArrived(connection.Origin);
        _connections[connection] = 0;
        if (_drain is { } run)
            LetGo(connection, run);
    }

    public void Arrived(ParkedConnection connection)
    {
        counters.ConnectionArrived(connection.Origin);
        _parked[connection] = 0;
        if (_drain is { } run)
            _ = LetGoAsync(connection, run);
    }

    public void Unparked(ParkedConnection connection, bool isClosed)
    {
        if (isClosed)
            counters.ConnectionClosed(connection.Origin);
        else
            counters.ConnectionReturned(connection.Origin);
        Remove(connection, run =>
        {
            if (isClosed)
                run.CountParkedClosed();
        });
    }

    public Task WakeAsync(GatedListener listener) =>
        Task.WhenAll(_parked.Keys.Where(parked => parked.Listener == listener).Select(static parked => parked.WakeAsync()));

    public void HasChanged(MidstreamConnection connection)
    {
        if (_drain is { } run)
            LetGo(connection, run);
    }

    public async Task<bool> TryDepartAsync(MidstreamConnection connection, byte[] unread)
    {
        var drain = _drain;
        var outcome = await OfferAsync(connection, unread);
        if (outcome == OfferOutcome.Accepted)
        {
            HasMoved(connection);
            // The server can clear away what it had for the connection when nobody waits for a processor any more.
            await (drain?.Over ?? Task.CompletedTask);
            // If it was over before, this is the loop that reads the peer's answers, and what follows is the server's.
            await Task.Yield();
            return true;
        }

        if (outcome == OfferOutcome.Refused)
            connection.MustEndHere();
        GiveTurnBack(connection, drain);
        return false;
    }

    public async Task RehomeAsync(MidstreamConnection connection, Arrival leaving)
    {
        var outcome = await OfferAsync(connection, leaving.Unread, leaving.Passage);
        if (outcome == OfferOutcome.Accepted)
        {
            HasMoved(connection);
            // What follows is the server's, and not for the loop that reads the peer's answers.
            await Task.Yield();
            return;
        }

        // Still ours: the client must not notice that we tried.
        connection.Listener.Adopt(leaving with { CannotMove = leaving.CannotMove || outcome == OfferOutcome.Refused });
        counters.ConnectionReturned(connection.Origin);
        Remove(connection, static _ => { });
    }

    public void Closed(MidstreamConnection connection)
    {
        counters.ConnectionClosed(connection.Origin);
        Remove(connection, run => run.CountClosed(connection));
    }

    private async Task DrainAsync(DrainRun run, TimeSpan timeout, TimeSpan lastCall, CancellationToken takenBack)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(takenBack);
        wakeUps.Refresh();
        _drain = run;
        var sockets = await LetGoOfAllAsync(run);
        _ = notice.GiveAsync();
        _ = CloseSpreadAsync(sockets, run, timeout, over.Token);
        _ = GiveUpPeerAsync(run, over.Token);
        CheckEmpty(run);

        if (!await IsEmptyWithinAsync(run, timeout - lastCall, takenBack))
        {
            await LetGoOfAllAsync(run, DrainTime.LastCall);
            if (!await IsEmptyWithinAsync(run, lastCall, takenBack))
                await CloseTheRestAsync(run);
        }

        await over.CancelAsync();
    }

    // The supervisor's own connections are closed where they could leave.
    private async Task<OfferOutcome> OfferAsync(MidstreamConnection connection, byte[] unread, Passage? passage = null)
    {
        if (connection.IsPrivate)
            return OfferOutcome.Accepted;
        if (_drain?.Peer is not { } peer)
            return OfferOutcome.PeerGone;
        return await peer.OfferAsync(
            connection.Binding.Id, connection.Socket.SafeHandle, unread, passage, connection.Kind == ConnectionKind.Http1);
    }

    private void HasMoved(MidstreamConnection connection)
    {
        // Not sooner: a connection that comes back is waited for with the same registration.
        wakeUps.Remove(connection.Socket.SafeHandle);
        connection.Socket.Dispose();
        counters.ConnectionMoved(connection.Origin);
        Remove(connection, run => run.CountMoved(connection));
    }

    /// <summary>Lets go of every connection but WebSockets that have to be closed, which it returns.</summary>
    private async Task<IReadOnlyList<MidstreamConnection>> LetGoOfAllAsync(DrainRun run, DrainTime time = DrainTime.Running)
    {
        run.Time = time;
        foreach (var parked in _parked.Keys)
        {
            await run.TurnAsync();
            _ = LetGoInTurnAsync(parked, run);
        }

        var sockets = new List<MidstreamConnection>();
        foreach (var connection in _connections.Keys)
        {
            var isSocket = connection.Kind is ConnectionKind.WebSocket or ConnectionKind.MovableWebSocket;
            if (isSocket && DrainLadder.Decide(run.FactsOf(connection)) == DrainRung.Announce)
                sockets.Add(connection);
            else
                await LetGoInTurnAsync(connection, run);
        }

        return sockets;
    }

    private async Task LetGoInTurnAsync(ParkedConnection parked, DrainRun run)
    {
        await LetGoAsync(parked, run);
        run.Leaving.Release();
    }

    // It moves without a word to the server, which knows nothing of it; for anything else the server has to.
    private async Task LetGoAsync(ParkedConnection parked, DrainRun run)
    {
        var rung = DrainLadder.Decide(run.FactsOfParked);
        if (rung != DrainRung.Move)
        {
            if (rung is DrainRung.Announce or DrainRung.HalfClose or DrainRung.Close)
                await parked.WakeAsync();
            return;
        }

        if (!await parked.TryTakeAsync())
            return;
        if (_drain != run)
        {
            parked.Serve();
            return;
        }

        var outcome = await run.Peer!.OfferAsync(
            parked.Listener.Binding.Id, parked.Socket.SafeHandle, unread: [], isBetweenRequests: true);
        if (outcome != OfferOutcome.Accepted)
        {
            parked.Serve(cannotMove: outcome == OfferOutcome.Refused);
            return;
        }

        wakeUps.Remove(parked.Socket.SafeHandle);
        parked.Socket.Dispose();
        counters.ConnectionMoved(parked.Origin);
        Remove(parked, static run => run.CountParkedMoved());
    }

    private static async Task LetGoInTurnAsync(MidstreamConnection connection, DrainRun run)
    {
        if (DrainLadder.Decide(run.FactsOf(connection)) == DrainRung.Move)
        {
            await run.TurnAsync();
            connection.HasTurn = true;
        }

        LetGo(connection, run);
    }

    private static void LetGo(MidstreamConnection connection, DrainRun run)
    {
        var rung = DrainLadder.Decide(run.FactsOf(connection));
        switch (rung)
        {
            case DrainRung.Move or DrainRung.FinishThenMove:
                connection.WasBusy |= rung == DrainRung.FinishThenMove;
                connection.Reader.Leave();
                break;
            case DrainRung.Announce:
                connection.Reader.Stay();
                Announcements.Make(connection);
                break;
            case DrainRung.HalfClose:
                connection.HalfClose();
                break;
            case DrainRung.Close when !connection.IsLeaving:
                run.CountAtDeadline(connection);
                connection.Abort(new ConnectionAbortedException("The drain's time is over."));
                break;
            default:
                break;
        }
    }

    private static async Task CloseSpreadAsync(
        IReadOnlyList<MidstreamConnection> sockets, DrainRun run, TimeSpan timeout, CancellationToken over)
    {
        var spread = new SpreadCloses(sockets.Count, timeout);
        using var tick = new PeriodicTimer(s_closeTick);
        try
        {
            for (var closed = 0; closed < sockets.Count;)
            {
                for (var due = spread.DueAfter(run.Elapsed); closed < due; closed++)
                    LetGo(sockets[closed], run);
                await tick.WaitForNextTickAsync(over);
            }
        }
        catch (OperationCanceledException)
        {
            // The drain is over, or was taken back: the others stay.
        }
    }

    // A peer that died has the supervisor tell this worker to resume, at once. One that lives and has hung up on us does not.
    private async Task GiveUpPeerAsync(DrainRun run, CancellationToken over)
    {
        if (run.Peer is null)
            return;
        try
        {
            await run.Peer.Gone.WaitAsync(over);
            await Task.Delay(s_resumeTime, over);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        run.ExpectNoResume();
        await CloseSpreadAsync(await LetGoOfAllAsync(run, run.Time), run, TimeSpan.Zero, over);
    }

    private static async Task<bool> IsEmptyWithinAsync(DrainRun run, TimeSpan time, CancellationToken takenBack)
    {
        try
        {
            await run.Empty.WaitAsync(time, takenBack);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task CloseTheRestAsync(DrainRun run)
    {
        LogDeadline(_connections.Count);
        run.Time = DrainTime.Over;
        var connections = _connections.Keys;
        foreach (var parked in _parked.Keys)
            await LetGoAsync(parked, run);
        foreach (var connection in connections)
            LetGo(connection, run);

        await Task.WhenAny(run.Empty, Task.Delay(s_abortTime));
    }

    private void Remove(MidstreamConnection connection, Action<DrainRun> count)
    {
        if (!_connections.TryRemove(connection, out _) || _drain is not { } run)
            return;
        count(run);
        GiveTurnBack(connection, run);
        CheckEmpty(run);
    }

    private void Remove(ParkedConnection connection, Action<DrainRun> count)
    {
        if (!_parked.TryRemove(connection, out _) || _drain is not { } run)
            return;
        count(run);
        CheckEmpty(run);
    }

    private static void GiveTurnBack(MidstreamConnection connection, DrainRun? run)
    {
        if (!connection.HasTurn)
            return;
        connection.HasTurn = false;
        run?.Leaving.Release();
    }

    private void CheckEmpty(DrainRun run)
    {
        // In this order: one that is woken is a connection before it is parked no more.
        if (_parked.IsEmpty && _connections.IsEmpty)
            run.SetEmpty();
    }

    [LoggerMessage(EventId = 130, EventName = "DrainDeadline", Level = LogLevel.Warning,
        Message = "The drain's time is over; closing {Count} connections.")]
    private partial void LogDeadline(int count);
}
