using System.Numerics;
using Midstream.Control.Workers;
using Midstream.Hosting.Transport;

namespace Midstream.Hosting.Counters;

/// <summary>What this worker counts from its start to its end: requests and connections, the supervisor's own left out.</summary>
/// <remarks>Thread-safe; nothing is allocated per request, and per connection nothing either.</remarks>
internal sealed class WorkerCounters
{
    private readonly TimeProvider _time;
    private readonly RequestShard[] _shards;
    private long _accepted;
    private long _takenOver;
    private long _open;
    private long _closed;
    private long _moved;
    private long _announced;
    private long _closedByPeer;
    private long _closedAtDeadline;
    private long _halfClosed;

    /// <summary>Starts at nothing.</summary>
    /// <param name="time">Times requests.</param>
    public WorkerCounters(TimeProvider time)
    {
        _time = time;
        var count = BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount);
        _shards = [.. Enumerable.Range(0, (int)count).Select(_ => new RequestShard())];
    }

    /// <summary>A request begins.</summary>
    /// <returns>The request; to be ended once.</returns>
    public RequestUnderWay BeginRequest() =>
        _shards[Thread.GetCurrentProcessorId() & (_shards.Length - 1)].Begin(_time.GetTimestamp());

    /// <summary>A connection has arrived.</summary>
    /// <param name="origin">From where. One that this process has given itself back is counted by its other half.</param>
    public void ConnectionArrived(ArrivalOrigin origin)
    {
        if (origin == ArrivalOrigin.Supervisor)
            return;
        Interlocked.Increment(ref _open);
        if (origin == ArrivalOrigin.Accepted)
            Interlocked.Increment(ref _accepted);
        else if (origin == ArrivalOrigin.HandedOver)
            Interlocked.Increment(ref _takenOver);
    }

    /// <summary>A connection has been handed over.</summary>
    /// <param name="origin">Where it had come from.</param>
    public void ConnectionMoved(ArrivalOrigin origin)
    {
        if (Left(origin))
            Interlocked.Increment(ref _moved);
    }

    /// <summary>A connection stays in this process, but as another object: that one has been counted as open.</summary>
    /// <param name="origin">Where it had come from.</param>
    public void ConnectionReturned(ArrivalOrigin origin) => Left(origin);

    /// <summary>A connection has ended here.</summary>
    /// <param name="origin">Where it had come from.</param>
    public void ConnectionClosed(ArrivalOrigin origin)
    {
        if (Left(origin))
            Interlocked.Increment(ref _closed);
    }

    /// <summary>A connection that ended in a drain had been told so.</summary>
    public void LeftByAnnouncement() => Interlocked.Increment(ref _announced);

    /// <summary>A connection that ended in a drain was closed by its client.</summary>
    public void LeftByPeer() => Interlocked.Increment(ref _closedByPeer);

    /// <summary>A connection was closed because a drain's time was over.</summary>
    public void LeftAtDeadline() => Interlocked.Increment(ref _closedAtDeadline);

    /// <summary>An idle connection was ended between two requests because a drain's time was nearly over.</summary>
    public void LeftByHalfClose() => Interlocked.Increment(ref _halfClosed);

    /// <summary>Reads all counts, and how the process is.</summary>
    /// <returns>The report. Its counts need not be of the very same moment.</returns>
    public WorkerReport Read()
    {
        var requests = _shards.Aggregate(default(RequestCounts), (sum, shard) => shard.AddTo(sum));
        return new WorkerReport(
            requests.Ended,
            requests.Failed,
            Interlocked.Read(ref _accepted),
            Interlocked.Read(ref _takenOver),
            Interlocked.Read(ref _moved),
            Interlocked.Read(ref _announced),
            Interlocked.Read(ref _closedByPeer),
            Interlocked.Read(ref _closedAtDeadline),
            Interlocked.Read(ref _closed),
            requests.InFlight,
            Interlocked.Read(ref _open),
            requests.OldestBegan == 0 ? 0 : (long)_time.GetElapsedTime(requests.OldestBegan).TotalMilliseconds,
            GC.GetTotalMemory(forceFullCollection: false),
            ThreadPool.PendingWorkItemCount,
            Interlocked.Read(ref _halfClosed));
    }

    private bool Left(ArrivalOrigin origin)
    {
        if (origin == ArrivalOrigin.Supervisor)
            return false;
        Interlocked.Decrement(ref _open);
        return true;
    }
}
