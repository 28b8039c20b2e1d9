using System.Text;
using Midstream.Bench.Reports;
using Midstream.Prove;

namespace Midstream.Bench.Upgrades;

/// <summary>A series as a section of the report.</summary>
internal static class SeriesTable
{
    /// <summary>Returns the section in Markdown.</summary>
    public static string Render(SeriesResult series)
    {
        var text = new StringBuilder();
        text.Append($"## {series.Title}\n\n{series.Upgrades} upgrades each, one every {series.IntervalMs / 1000:0.0} s.\n\n");
        text.Append(Table(series)).Append('\n');
        foreach (var peer in series.Peers.Where(peer => peer.Failures.Count > 0))
            text.Append($"- {peer.Name}: {string.Join("; ", peer.Failures.Distinct())}\n");
        foreach (var reason in series.NotMeasured)
            text.Append($"- not measured: {reason}\n");
        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static MarkdownTable Table(SeriesResult series)
    {
        var table = new MarkdownTable(
            "system, upgrade", "version", "requests", "lost", "closes announced", "closes of idle connections",
            "connections survived", "steady p50 / p99 / p99.9 ms", "during upgrades p50 / p99 / p99.9 ms", "new answers ms",
            "old gone ms", "memory before / peak MiB", "load average");
        foreach (var peer in series.Peers)
            table.Add(Row(peer));
        return table;
    }

    private static string[] Row(PeerResult peer) =>
    [
        peer.Name,
        peer.Version,
        Figures.Count(peer.Requests),
        Figures.Count(peer.Outcomes.Lost + peer.Outcomes.Wrong),
        Figures.Count(peer.Connections.AnnouncedCloses),
        Figures.Count(peer.Connections.UnannouncedCloses),
        $"{peer.Connections.Survived} of {peer.Connections.OpenedAtBeginning}",
        Quantiles(peer.Steady),
        Quantiles(peer.DuringUpgrades),
        Figures.Ms(Figures.Median(peer.Upgrades.Select(upgrade => upgrade.NewAnswersMs).OfType<double>())),
        Figures.Ms(Figures.Median(peer.Upgrades.Select(upgrade => upgrade.OldGoneMs))),
        $"{Figures.Mib(peer.MemoryBytes)} / {Figures.Mib(peer.PeakMemoryBytes)}",
        Figures.Ratio(peer.LoadAverage),
    ];

    private static string Quantiles(LatencyQuantiles latency) =>
        $"{Figures.Ms(latency.P50Ms)} / {Figures.Ms(latency.P99Ms)} / {Figures.Ms(latency.P999Ms)}";
}
