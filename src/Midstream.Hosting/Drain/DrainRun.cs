using System.Diagnostics;
using Midstream.Control.Workers;
using Midstream.Core.Drain;
using Midstream.Hosting.Counters;
using Midstream.Hosting.HandOver;
using Midstream.Hosting.Transport;

namespace Midstream.Hosting.Drain;

/// <summary>One drain under way: who takes the connections, and the count for each rung of the ladder.</summary>
/// <param name="peer">Takes what can move; null when nobody does.</param>
/// <param name="counters">Counts over all drains of this worker.</param>
internal sealed class DrainRun(HandOverSender? peer, WorkerCounters counters)
{
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _moved;
    private long _announced;
    private long _closedByPeer;
    private long _closedAtDeadline;
    private volatile bool _deadlinePassed;

    /// <summary>Gets who takes what can move.</summary>
    public HandOverSender? Peer => peer;

    /// <summary>Gets or sets whether the drain's time is over.</summary>
    public bool DeadlinePassed
    {
        get => _deadlinePassed;
        set => _deadlinePassed = value;
    }

    /// <summary>Gets a task that ends when no connection is left.</summary>
    public Task Empty => _empty.Task;

    /// <summary>Gathers what the ladder decides by.</summary>
    /// <param name="connection">The connection.</param>
    /// <returns>The facts. One of the supervisor's own counts as movable: it leaves at a boundary, and is closed there.</returns>
    public DrainFacts FactsOf(MidstreamConnection connection) => new(
        connection.Kind,
        AtBoundary: connection.Boundary.MayLeave,
        PeerTakesConnections: connection.IsPrivate || peer is { PeerIsGone: false },
        RefusedBefore: connection.CannotMove,
        DeadlinePassed: _deadlinePassed,
        PeerDied: !connection.IsPrivate && peer is { PeerIsGone: true });

    public void SetEmpty() => _empty.TrySetResult();

    public void CountMoved(MidstreamConnection connection)
    {
        if (!connection.IsPrivate)
            Interlocked.Increment(ref _moved);
    }

    public void CountClosed(MidstreamConnection connection)
    {
        if (connection.IsPrivate || _deadlinePassed)
            return;
        if (connection.EndIsAnnounced)
        {
            Interlocked.Increment(ref _announced);
            counters.LeftByAnnouncement();
        }
        else
        {
            Interlocked.Increment(ref _closedByPeer);
            counters.LeftByPeer();
        }
    }

    public void CountAtDeadline(MidstreamConnection connection)
    {
        if (connection.IsPrivate)
            return;
        Interlocked.Increment(ref _closedAtDeadline);
        counters.LeftAtDeadline();
    }

    public DrainReport Report() =>
        new(_moved, _announced, _closedByPeer, _closedAtDeadline, (long)Stopwatch.GetElapsedTime(_began).TotalMilliseconds);
}
