namespace Midstream.Hosting.Counters;

/// <summary>
/// The requests that began on one processor: their counts and those under way. Processors do not share a shard, so that its lock
/// is hardly ever waited for; a request ends where it began, whichever thread it ends on.
/// </summary>
/// <remarks>Thread-safe. Its memory is as large as the most requests that were ever under way at once.</remarks>
internal sealed class RequestShard
{
    private readonly Lock _lock = new();
    private readonly List<RequestUnderWay> _all = [];
    private RequestUnderWay? _free;
    private long _inFlight;
    private long _ended;
    private long _failed;

    /// <summary>A request begins.</summary>
    /// <param name="now">The time, as a timestamp.</param>
    /// <returns>The request; to be ended once.</returns>
    internal RequestUnderWay Begin(long now)
    {
        lock (_lock)
        {
            var request = _free ?? Grow_NeedsLock();
            _free = request.NextFree;
            request.NextFree = null;
            request.Began = now;
            _inFlight++;
            return request;
        }
    }

    internal void IsMeantToLast(RequestUnderWay request)
    {
        lock (_lock)
            request.Began = 0;
    }

    internal void End(RequestUnderWay request, bool hasFailed)
    {
        lock (_lock)
        {
            _inFlight--;
            _ended++;
            if (hasFailed)
                _failed++;
            request.Began = 0;
            request.NextFree = _free;
            _free = request;
        }
    }

    /// <summary>Adds this shard's counts.</summary>
    /// <param name="counts">What the other shards have counted.</param>
    /// <returns>The sums.</returns>
    internal RequestCounts AddTo(RequestCounts counts)
    {
        lock (_lock)
        {
            var oldest = counts.OldestBegan;
            foreach (var request in _all)
            {
                if (request.Began != 0 && (oldest == 0 || request.Began < oldest))
                    oldest = request.Began;
            }

            return new RequestCounts(
                counts.Ended + _ended, counts.Failed + _failed, counts.InFlight + _inFlight, oldest);
        }
    }

    private RequestUnderWay Grow_NeedsLock()
    {
        var request = new RequestUnderWay(this);
        _all.Add(request);
        return request;
    }
}

/// <summary>What shards have counted.</summary>
/// <param name="Ended">Requests that ended.</param>
/// <param name="Failed">Those that the worker failed.</param>
/// <param name="InFlight">Requests under way.</param>
/// <param name="OldestBegan">When the oldest of those began, as a timestamp; 0 when there is none.</param>
internal readonly record struct RequestCounts(long Ended, long Failed, long InFlight, long OldestBegan);
