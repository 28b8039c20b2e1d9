using System.Globalization;

namespace Midstream.Bench.Reports;

/// <summary>Numbers as the tables show them: as many digits as mean something.</summary>
internal static class Figures
{
    /// <summary>A count, with a comma for thousands.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A time in milliseconds with two or three digits that count.</summary>
    public static string Ms(double? milliseconds) => milliseconds switch
    {
        null => "-",
        < 10 => milliseconds.Value.ToString("0.00", CultureInfo.InvariantCulture),
        < 100 => milliseconds.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => milliseconds.Value.ToString("#,0", CultureInfo.InvariantCulture),
    };

    /// <summary>Bytes in MiB.</summary>
    public static string Mib(long bytes) => (bytes / (1024.0 * 1024)).ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A ratio, with two digits after the point.</summary>
    public static string Ratio(double ratio) => ratio.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>The middle of some numbers; of an even number of them, the mean of the two in the middle. Null of
    /// none.</summary>
    public static double? Median(IEnumerable<double> numbers)
    {
        var sorted = numbers.Order().ToList();
        if (sorted.Count == 0)
            return null;
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
