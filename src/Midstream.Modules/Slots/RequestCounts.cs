using System.Diagnostics;
using System.Numerics;

namespace Midstream.Modules.Slots;

/// <summary>How many requests a generation has served, and how long they took. Guarded by its owner.</summary>
internal sealed class RequestCounts
{
    // A slot for each of the first eight microseconds, then eight for each doubling, up to some hours: what is told is at most an
    // eighth more than what was measured.
    private const int SlotsPerDoubling = 8;
    private const int DoublingsMax = 32;
    private const int SlotCount = SlotsPerDoubling * (DoublingsMax + 1);

    private static readonly double s_microseconds = 1e6 / Stopwatch.Frequency;

    private readonly long[] _slots = new long[SlotCount];

    public long Requests { get; private set; }

    public long Failed { get; private set; }

    public long Aborted { get; private set; }

    public void Add(long elapsed, RequestEnd end)
    {
        Requests++;
        if (end == RequestEnd.Failed)
            Failed++;
        else if (end == RequestEnd.Aborted)
            Aborted++;
        _slots[SlotOf((ulong)Math.Max(0, elapsed * s_microseconds))]++;
    }

    public void Add(RequestCounts other)
    {
        Requests += other.Requests;
        Failed += other.Failed;
        Aborted += other.Aborted;
        for (var i = 0; i < SlotCount; i++)
            _slots[i] += other._slots[i];
    }

    /// <summary>Finds the duration that a share of the requests did not exceed, rounded up by at most an eighth.</summary>
    /// <param name="share">From 0 to 1.</param>
    public TimeSpan Quantile(double share)
    {
        var wanted = (long)Math.Ceiling(share * Requests);
        for (var (slot, seen) = (0, 0L); slot < SlotCount; slot++)
        {
            seen += _slots[slot];
            if (seen >= wanted && seen > 0)
                return TimeSpan.FromMicroseconds(LimitOf(slot));
        }

        return TimeSpan.Zero;
    }

    private static int SlotOf(ulong microseconds)
    {
        if (microseconds < SlotsPerDoubling)
            return (int)microseconds;
        var doublings = BitOperations.Log2(microseconds) - 2;
        var eighth = (int)(microseconds >> (doublings - 1)) - SlotsPerDoubling;
        return Math.Min(SlotCount - 1, (doublings * SlotsPerDoubling) + eighth);
    }

    // The first duration that is beyond the slot.
    private static long LimitOf(int slot) => slot < SlotsPerDoubling
        ? slot + 1
        : (long)((slot % SlotsPerDoubling) + SlotsPerDoubling + 1) << ((slot / SlotsPerDoubling) - 1);
}

/// <summary>How a request ended.</summary>
internal enum RequestEnd
{
    /// <summary>It was answered below 500.</summary>
    Answered,

    /// <summary>It was answered with 500 or above, or not at all, by an exception.</summary>
    Failed,

    /// <summary>Its client has gone, or the drain's time was over.</summary>
    Aborted,
}
