using System.Numerics;

namespace Midstream.Prove.Accounting;

// Latencies of any number of requests in fixed memory (18 KiB), after the idea of HdrHistogram: 64 equal slots for each doubling,
// so a slot is at most 1/64 of its values wide and its middle at most 1/128 (0.8 %) away from any of them.
internal sealed class LatencyHistogram
{
    // The documented bound on how far a quantile is from the value it stands for, relative to that value.
    public const double RelativeError = 1.0 / 128;

    private const int SlotBits = 6;
    private const int SlotsPerDoubling = 1 << SlotBits;
    private const int HighestBit = 40;
    private const long LargestValue = (1L << (HighestBit + 1)) - 1;

    private readonly long[] _counts = new long[((HighestBit - SlotBits) * SlotsPerDoubling) + (2 * SlotsPerDoubling)];
    private long _largest;

    public long Count => _counts.Sum();

    public TimeSpan Largest => new(Volatile.Read(ref _largest));

    // Any thread may record at any time. Values are kept in units of 100 ns, up to 61 hours.
    public void Record(TimeSpan latency)
    {
        var value = Math.Clamp(latency.Ticks, 0, LargestValue);
        Interlocked.Increment(ref _counts[SlotOf(value)]);
        for (var seen = Volatile.Read(ref _largest); value > seen;)
        {
            var found = Interlocked.CompareExchange(ref _largest, value, seen);
            if (found == seen)
                break;
            seen = found;
        }
    }

    public void Add(LatencyHistogram other)
    {
        for (var slot = 0; slot < _counts.Length; slot++)
            _counts[slot] += Volatile.Read(ref other._counts[slot]);
        _largest = Math.Max(_largest, other.Largest.Ticks);
    }

    // The value below or at which this share of the requests is; zero when there are none.
    public TimeSpan Quantile(double share)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(share * Count));
        for (int slot = 0; slot < _counts.Length; slot++)
        {
            rank -= Volatile.Read(ref _counts[slot]);
            if (rank <= 0)
                return new TimeSpan(Math.Min(MiddleOf(slot), Largest.Ticks));
        }
        return Largest;
    }

    private static int SlotOf(long value)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)value) - SlotBits);
        return (shift << SlotBits) + (int)(value >> shift);
    }

    private static long MiddleOf(int slot)
    {
        var shift = Math.Max(0, (slot >> SlotBits) - 1);
        var lowest = (long)(slot - (shift << SlotBits)) << shift;
        return lowest + ((1L << shift) / 2);
    }
}
