using System.Diagnostics;
using Midstream.Control.Workers;
using Midstream.Core.Drain;
using Midstream.Hosting.Counters;
using Midstream.Hosting.HandOver;
using Midstream.Hosting.Transport;

namespace Midstream.Hosting.Drain;

/// <summary>One drain under way: who takes the connections, how much time is left, and the count for each rung of the
/// ladder.</summary>
/// <param name="peer">Takes what can move; null when nobody does.</param>
/// <param name="counters">Counts over all drains of this worker.</param>
/// <param name="leavingAtOnceMax">How many idle connections may be on their way out at once.</param>
/// <param name="turnsFor">How long connections take turns: a peer that hangs does not hold up the last call.</param>
internal sealed class DrainRun(HandOverSender? peer, WorkerCounters counters, int leavingAtOnceMax, TimeSpan turnsFor)
{
    // One that is slow to leave, because half a proxy's header has come, does not keep the others.
    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(50);

    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _moved;
    private long _movedBusy;
    private long _announced;
    private long _halfClosed;
    private long _closedByPeer;
    private long _closedAtDeadline;
    private volatile DrainTime _time = DrainTime.Running;
    private volatile bool _isOnItsOwn;

    /// <summary>Gets who takes what can move.</summary>
    public HandOverSender? Peer => peer;

    /// <summary>Gets the turns of idle connections to leave.</summary>
    public SemaphoreSlim Leaving { get; } = new(leavingAtOnceMax);

    /// <summary>Waits for a turn, and goes on without one when that takes long. Either is to be given back.</summary>
    public Task TurnAsync() => Leaving.WaitAsync(Elapsed < turnsFor ? s_turn : TimeSpan.Zero);

    /// <summary>Gets or sets how much of the drain's time is left.</summary>
    public DrainTime Time
    {
        get => _time;
        set => _time = value;
    }

    /// <summary>Gets the time since the drain began.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_began);

    /// <summary>Gets a task that ends when no connection is left.</summary>
    public Task Empty => _empty.Task;

    /// <summary>The peer is gone, and nobody has told this worker to resume in time: nobody will.</summary>
    public void ExpectNoResume() => _isOnItsOwn = true;

    /// <summary>Gathers what the ladder decides by.</summary>
    /// <param name="connection">The connection.</param>
    /// <returns>The facts. One of the supervisor's own counts as movable: it leaves at a boundary, and is closed there.</returns>
    public DrainFacts FactsOf(MidstreamConnection connection) => new(
        connection.Kind,
        AtBoundary: connection.IsIdle,
        PeerTakesConnections: connection.IsPrivate || peer is { PeerIsGone: false },
        RefusedBefore: connection.CannotMove,
        _time,
        MayResume: !connection.IsPrivate && !_isOnItsOwn && peer is { PeerIsGone: true });

    /// <summary>Gets a task that ends when the drain has ended, whatever its end.</summary>
    public Task Over => _over.Task;

    public void SetEmpty() => _empty.TrySetResult();

    public void SetOver() => _over.TrySetResult();

    /// <summary>Gathers what the ladder decides about a connection by whose client is to speak next.</summary>
    public DrainFacts FactsOfParked => new(
        ConnectionKind.Http1,
        AtBoundary: true,
        PeerTakesConnections: peer is { PeerIsGone: false },
        RefusedBefore: false,
        _time,
        MayResume: !_isOnItsOwn && peer is { PeerIsGone: true });

    public void CountMoved(MidstreamConnection connection)
    {
        if (connection.IsPrivate)
            return;
        Interlocked.Increment(ref _moved);
        if (connection.WasBusy)
            Interlocked.Increment(ref _movedBusy);
    }

    public void CountParkedMoved() => Interlocked.Increment(ref _moved);

    public void CountParkedClosed()
    {
        Interlocked.Increment(ref _closedByPeer);
        counters.LeftByPeer();
    }

    public void CountClosed(MidstreamConnection connection)
    {
        if (connection.IsPrivate || _time == DrainTime.Over)
            return;
        if (connection.ClientWasTold)
        {
            Interlocked.Increment(ref _announced);
            counters.LeftByAnnouncement();
        }
        else if (connection.WasHalfClosed)
        {
            Interlocked.Increment(ref _halfClosed);
            counters.LeftByHalfClose();
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

    public DrainReport Report() => new(
        _moved, _announced, _closedByPeer, _closedAtDeadline, (long)Elapsed.TotalMilliseconds, _movedBusy, _halfClosed);
}
