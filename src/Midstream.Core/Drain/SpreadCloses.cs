// When to close what cannot move: one after the other, for each client connects anew, and a thousand at once are a crowd.

namespace Midstream.Core.Drain;

/// <summary>Spreads a number of closes evenly over a part of a drain's time.</summary>
public sealed class SpreadCloses
{
    private static readonly TimeSpan s_pauseMax = TimeSpan.FromMilliseconds(10);

    private readonly int _count;
    private readonly TimeSpan _pause;

    /// <summary>Plans the closes.</summary>
    /// <param name="count">How many, at least 0.</param>
    /// <param name="time">The drain's time. Half of it is used at most, and no more than 10 ms for each close: a few are closed
    /// almost at once.</param>
    public SpreadCloses(int count, TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        _count = count;
        TimeSpan fair = time / 2 / Math.Max(1, count);
        _pause = fair < s_pauseMax ? fair : s_pauseMax;
    }

    /// <summary>Tells how many should be closed by now; the first is at once.</summary>
    /// <param name="elapsed">The time since the beginning.</param>
    public int DueAfter(TimeSpan elapsed) =>
        _pause <= TimeSpan.Zero ? _count : (int)Math.Min(_count, Math.Floor(elapsed / _pause) + 1);
}
