using System.Globalization;

namespace Midstream.Supervisor.Logs;

/// <summary>The time at a line's beginning: UTC to the millisecond, formatted once for all lines of that millisecond.</summary>
/// <param name="clock">The clock.</param>
/// <remarks>Not thread-safe.</remarks>
internal sealed class LineStamp(TimeProvider clock)
{
    /// <summary>The length of a stamp, the space after it included, in bytes.</summary>
    public const int Length = 25;

    private const string Format = "yyyy-MM-ddTHH:mm:ss.fffZ ";

    private readonly byte[] _bytes = new byte[Length];
    private long _millisecond = -1;

    /// <summary>Reads the time a line begins with.</summary>
    /// <param name="line">The line.</param>
    /// <param name="at">The time, UTC.</param>
    /// <returns>Whether it begins with one.</returns>
    public static bool TryRead(ReadOnlySpan<byte> line, out DateTimeOffset at)
    {
        at = default;
        Span<char> text = stackalloc char[Length];
        if (line.Length < Length)
            return false;
        for (var index = 0; index < Length; index++)
            text[index] = (char)line[index];
        return DateTimeOffset.TryParseExact(
            text, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out at);
    }

    /// <summary>Stamps the present time.</summary>
    /// <returns>The stamp; valid until the next call.</returns>
    public ReadOnlySpan<byte> Now()
    {
        var now = clock.GetUtcNow();
        var millisecond = now.Ticks / TimeSpan.TicksPerMillisecond;
        if (millisecond != _millisecond)
            now.UtcDateTime.TryFormat(_bytes, out _, Format, CultureInfo.InvariantCulture);
        _millisecond = millisecond;
        return _bytes;
    }
}
