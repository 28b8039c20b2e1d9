using System.Globalization;

namespace Midstream.Cli.Prove;

// Durations as people type and read them: 500ms, 30s, 5m, 2h.
internal static class DurationText
{
    // The longest unit names first, or 500ms would be read as minutes.
    private static readonly (string Unit, TimeSpan Length)[] s_units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
    ];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        foreach (var (unit, length) in s_units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal))
                continue;
            const NumberStyles style = NumberStyles.AllowDecimalPoint;
            if (!double.TryParse(text.AsSpan(0, text.Length - unit.Length), style, CultureInfo.InvariantCulture, out var count)
                || count > TimeSpan.FromDays(365) / length)
                return false;
            duration = count * length;
            return true;
        }
        return text == "0";
    }

    // A range such as 0-500ms or 5ms-1s; the first number takes the unit of the second when it has none.
    public static bool TryParseRange(string text, out TimeSpan shortest, out TimeSpan longest)
    {
        shortest = longest = default;
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0)
            return TryParse(text, out shortest) && TryParse(text, out longest);
        var (low, high) = (text[..dash], text[(dash + 1)..]);
        if (low.Length > 0 && char.IsAsciiDigit(low[^1]))
            low += high.TrimStart("0123456789.".ToCharArray());
        return TryParse(low, out shortest) && TryParse(high, out longest) && shortest <= longest;
    }

    // Three digits are enough for a latency, and fit a column of six characters.
    public static string OfMilliseconds(double milliseconds) => milliseconds switch
    {
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0.00}ms"),
        < 100 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0.0}ms"),
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0}ms"),
        < 100_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.0}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 60_000:0.0}m"),
    };
}
