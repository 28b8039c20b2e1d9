using System.Diagnostics;
using System.Numerics;

namespace Midstream.Modules.Slots;

/// <summary>How many requests a generation has served, and how long they took. Guarded by its owner.</summary>
internal sealed class RequestCounts
{
    // The slot of a duration is the number of bits of its microseconds: each is twice as long as the one before.
    private const int SlotCount = 40;

    private static readonly double s_microseconds = 1e6 / Stopwatch.Frequency;

    private readonly long[] _slots = new long[SlotCount];

    public long Requests { get; private set; }

    public long Failed { get; private set; }

    public void Add(long elapsed, bool hasFailed)
    {
        Requests++;
        if (hasFailed)
            Failed++;
        _slots[Math.Min(SlotCount - 1, 64 - BitOperations.LeadingZeroCount((ulong)(elapsed * s_microseconds)))]++;
    }

    public void Add(RequestCounts other)
    {
        Requests += other.Requests;
        Failed += other.Failed;
        for (var i = 0; i < SlotCount; i++)
            _slots[i] += other._slots[i];
    }

    /// <summary>Finds the duration that a share of the requests did not exceed, rounded up to a power of two of
    /// microseconds.</summary>
    /// <param name="share">From 0 to 1.</param>
    public TimeSpan Quantile(double share)
    {
        var wanted = (long)Math.Ceiling(share * Requests);
        for (var (slot, seen) = (0, 0L); slot < SlotCount; slot++)
        {
            seen += _slots[slot];
            if (seen >= wanted && seen > 0)
                return TimeSpan.FromMicroseconds(1L << slot);
        }

        return TimeSpan.Zero;
    }
}
