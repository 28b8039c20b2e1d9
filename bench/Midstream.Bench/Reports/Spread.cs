namespace Midstream.Bench.Reports;

/// <summary>How numbers that were measured again and again lie: the middle, the middle half, and the ends. Null has no place in
/// it: of nothing there is no spread.</summary>
/// <param name="Median">The middle.</param>
/// <param name="Low">The lower end of the middle half.</param>
/// <param name="High">The upper end of the middle half.</param>
/// <param name="Largest">The largest.</param>
internal readonly record struct Spread(double Median, double Low, double High, double Largest)
{
    /// <summary>Finds the spread of some numbers.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static Spread Of(IEnumerable<double> numbers)
    {
        var sorted = numbers.Order().ToList();
        if (sorted.Count == 0)
            throw new ArgumentException("There are no numbers.", nameof(numbers));
        var quarter = sorted.Count / 4;
        return new Spread(Figures.Median(sorted)!.Value, sorted[quarter], sorted[^(quarter + 1)], sorted[^1]);
    }

    /// <summary>Finds the number that a share of the numbers does not exceed; 0 when there are none.</summary>
    /// <param name="sorted">The numbers, smallest first.</param>
    /// <param name="share">From 0 to 1.</param>
    public static double Quantile(IReadOnlyList<double> sorted, double share) => sorted.Count == 0
        ? 0
        : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];

    /// <summary>Finds by how much a number grows with each step of another one: the slope of the straight line that is nearest to
    /// all points, by least squares. 0 of fewer than two different steps.</summary>
    public static double Slope(IReadOnlyList<(double Step, double Value)> points)
    {
        if (points.Count == 0)
            return 0;
        var (step, value) = (points.Average(point => point.Step), points.Average(point => point.Value));
        var width = points.Sum(point => (point.Step - step) * (point.Step - step));
        return width == 0 ? 0 : points.Sum(point => (point.Step - step) * (point.Value - value)) / width;
    }
}
