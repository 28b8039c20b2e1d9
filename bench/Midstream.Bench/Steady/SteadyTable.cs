using System.Text;
using Midstream.Bench.Reports;

namespace Midstream.Bench.Steady;

/// <summary>The comparison as a section of the report: medians, and how far the single ratios lie apart.</summary>
internal static class SteadyTable
{
    private static readonly string[] s_order = [.. SteadyPlan.Exchanges.Select(exchange => exchange.Name)];

    /// <summary>Returns the section in Markdown.</summary>
    public static string Render(SteadyResult result)
    {
        var text = new StringBuilder("## Nothing is replaced: Midstream's transport and Kestrel's own\n\n");
        text.Append($"The same program under `midstream run` and as plain Kestrel, {result.SecondsEach:0.#} s each in turn, ");
        text.Append($"{result.Starts} starts of both. A ratio is Midstream's figure divided by Kestrel's of the same moment; ");
        text.Append("shown is the median of all moments, in brackets the middle half of them. ");
        text.Append($"Load averages before: {string.Join(", ", result.LoadAverages.Select(Figures.Ratio))}.\n\n");
        text.Append(Table(result));
        return text.ToString();
    }

    private static MarkdownTable Table(SteadyResult result)
    {
        var table = new MarkdownTable(
            "exchange", "connections", "Midstream requests/s", "Kestrel requests/s", "ratio of throughput",
            "ratio of CPU per request", "ratio of p50", "ratio of p99", "moments");
        foreach (var row in result.Rows.OrderBy(row => Array.IndexOf(s_order, row.Exchange)).ThenBy(row => row.Connections))
            table.Add(Cells(row));
        return table;
    }

    private static string[] Cells(SteadyRow row) =>
    [
        row.Exchange,
        Figures.Count(row.Connections),
        Figures.Count((long)Figures.Median(row.Pairs.Select(pair => pair.Midstream.RequestsPerSecond))!),
        Figures.Count((long)Figures.Median(row.Pairs.Select(pair => pair.Kestrel.RequestsPerSecond))!),
        Spread(row, sample => sample.RequestsPerSecond),
        Spread(row, sample => sample.CpuUs),
        Spread(row, sample => sample.P50Us),
        Spread(row, sample => sample.P99Us),
        Figures.Count(row.Pairs.Count),
    ];

    private static string Spread(SteadyRow row, Func<Sample, double> figure)
    {
        var ratios = row.Pairs.Select(pair => figure(pair.Midstream) / figure(pair.Kestrel)).Order().ToList();
        var quarter = ratios.Count / 4;
        var middleHalf = $"{Figures.Ratio(ratios[quarter])}-{Figures.Ratio(ratios[^(quarter + 1)])}";
        return $"{Figures.Ratio(Figures.Median(ratios)!.Value)} ({middleHalf})";
    }
}
