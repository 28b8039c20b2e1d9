using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
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
/// <param name="logger">For what is noteworthy.</param>
internal sealed partial class WorkerConnections(
    EpollRegistrations wakeUps, WorkerCounters counters, ILogger<WorkerConnections> logger) : IConnectionHome
{
    private static readonly TimeSpan AbortTime = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<MidstreamConnection, byte> _connections = new();
    private volatile DrainRun? _drain;

    /// <summary>Gets the number of connections, the supervisor's own not counted.</summary>
    public int Count => _connections.Count(entry => !entry.Key.IsPrivate);

    /// <summary>Lets go of every connection.</summary>
    /// <param name="peer">Takes what can move; null when nobody does.</param>
    /// <param name="timeout">After this, what is left is closed.</param>
    /// <param name="takenBack">Ends the drain without closing anything.</param>
    /// <returns>What became of the connections.</returns>
    /// <exception cref="OperationCanceledException">The drain was taken back.</exception>
    public async Task<DrainReport> DrainAsync(HandOverSender? peer, TimeSpan timeout, CancellationToken takenBack)
    {
        var run = new DrainRun(peer, counters);
        wakeUps.Refresh();
        _drain = run;
        foreach (var connection in _connections.Keys)
            LetGo(connection, run);
        CheckEmpty(run);

        try
        {
            await run.Empty.WaitAsync(timeout, takenBack);
        }
        catch (TimeoutException)
        {
            await CloseTheRestAsync(run);
        }

        return run.Report();
    }

    /// <summary>Takes the drain back: every connection that is still here is served on.</summary>
    public void Resume()
    {
        _drain = null;
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

    public void Recognised(MidstreamConnection connection)
    {
        if (_drain is { } run)
            LetGo(connection, run);
    }

    public void ForgetWakeUps(SafeSocketHandle socket) => wakeUps.Remove(socket);

    public async Task RehomeAsync(MidstreamConnection connection, FileDescriptor descriptor, byte[] unread)
    {
        var outcome = connection.IsPrivate ? OfferOutcome.Accepted : await OfferAsync(connection, descriptor, unread);
        if (outcome == OfferOutcome.Accepted)
        {
            descriptor.Dispose();
            counters.ConnectionMoved(connection.Origin);
            Remove(connection, run => run.CountMoved(connection));
            return;
        }

        // Still ours: the client must not notice that we tried.
        var arrival = new Arrival(
            descriptor.ToSocket(), unread, ArrivalOrigin.Returned, CannotMove: outcome == OfferOutcome.Refused);
        connection.Listener.Adopt(arrival);
        counters.ConnectionReturned(connection.Origin);
        Remove(connection, static _ => { });
    }

    public void Closed(MidstreamConnection connection)
    {
        counters.ConnectionClosed(connection.Origin);
        Remove(connection, run => run.CountClosed(connection));
    }

    private async Task<OfferOutcome> OfferAsync(MidstreamConnection connection, FileDescriptor descriptor, byte[] unread)
    {
        if (_drain?.Peer is not { } peer)
            return OfferOutcome.PeerGone;
        return await peer.OfferAsync(connection.Binding.Id, descriptor, unread);
    }

    private static void LetGo(MidstreamConnection connection, DrainRun run)
    {
        switch (DrainLadder.Decide(run.FactsOf(connection)))
        {
            case DrainRung.Move or DrainRung.FinishThenMove:
                connection.Reader.Leave();
                break;
            case DrainRung.Announce:
                Announce(connection);
                break;
            case DrainRung.Close:
                run.CountAtDeadline(connection);
                connection.Abort(new ConnectionAbortedException("The drain's time is over."));
                break;
            case DrainRung.HoldUntilDeadline:
                break;
        }
    }

    private static void Announce(MidstreamConnection connection)
    {
        switch (connection.Kind)
        {
            case ConnectionKind.Http2:
                connection.Interject(AnnouncingFrames.Http2GoAway, mute: false);
                _ = RequestCloseLaterAsync(connection);
                break;
            case ConnectionKind.Http2OverTls:
                connection.RequestClose();
                break;
            case ConnectionKind.WebSocket:
                connection.Interject(AnnouncingFrames.WebSocketGoingAway, mute: true);
                break;
            default:
                connection.AnnounceClose();
                break;
        }
    }

    // Kestrel's own shutdown sends the final GOAWAY at once; a stream that crosses it on the wire would be lost.
    private static async Task RequestCloseLaterAsync(MidstreamConnection connection)
    {
        await Task.Delay(AnnouncingFrames.GoAwayDelay);
        connection.RequestClose();
    }

    private async Task CloseTheRestAsync(DrainRun run)
    {
        LogDeadline(_connections.Count);
        run.DeadlinePassed = true;
        foreach (var connection in _connections.Keys)
            LetGo(connection, run);

        await Task.WhenAny(run.Empty, Task.Delay(AbortTime));
    }

    private void Remove(MidstreamConnection connection, Action<DrainRun> count)
    {
        if (!_connections.TryRemove(connection, out _) || _drain is not { } run)
            return;
        count(run);
        CheckEmpty(run);
    }

    private void CheckEmpty(DrainRun run)
    {
        if (_connections.IsEmpty)
            run.SetEmpty();
    }

    [LoggerMessage(EventId = 130, EventName = "DrainDeadline", Level = LogLevel.Warning,
        Message = "The drain's time is over; closing {Count} connections.")]
    private partial void LogDeadline(int count);
}
