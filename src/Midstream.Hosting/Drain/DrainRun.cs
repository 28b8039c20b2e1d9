using System.Diagnostics;
using Midstream.Control.Workers;
using Midstream.Hosting.HandOver;
using Midstream.Hosting.Transport;

namespace Midstream.Hosting.Drain;

/// <summary>One drain under way: who takes the connections, and the count for each rung of the ladder.</summary>
/// <param name="peer">Takes what can move; null when nobody does.</param>
internal sealed class DrainRun(HandOverSender? peer)
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

    /// <summary>Gets whether there was somebody to take connections, who is gone. Nothing is ended then: the supervisor will
    /// say whether this worker serves on or gets another peer.</summary>
    public bool PeerIsGone => peer is { PeerIsGone: true };

    /// <summary>Gets a task that ends when no connection is left.</summary>
    public Task Empty => _empty.Task;

    /// <summary>Says whether a connection is to be offered to the other generation.</summary>
    /// <param name="connection">The connection.</param>
    /// <returns>False without somebody to take it, and for one that was refused before.</returns>
    public bool Moves(MidstreamConnection connection) => peer is { PeerIsGone: false } && !connection.CannotMove;

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
            Interlocked.Increment(ref _announced);
        else
            Interlocked.Increment(ref _closedByPeer);
    }

    public void CountAtDeadline(MidstreamConnection connection)
    {
        _deadlinePassed = true;
        if (!connection.IsPrivate)
            Interlocked.Increment(ref _closedAtDeadline);
    }

    public DrainReport Report() =>
        new(_moved, _announced, _closedByPeer, _closedAtDeadline, (long)Stopwatch.GetElapsedTime(_began).TotalMilliseconds);
}
