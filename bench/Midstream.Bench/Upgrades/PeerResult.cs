using Midstream.Prove;

namespace Midstream.Bench.Upgrades;

/// <summary>What a peer's clients met in one series: a row of the table.</summary>
internal sealed record PeerResult
{
    /// <summary>Gets the peer's id.</summary>
    public required string Peer { get; init; }

    /// <summary>Gets what the table calls it.</summary>
    public required string Name { get; init; }

    /// <summary>Gets its version.</summary>
    public required string Version { get; init; }

    /// <summary>Gets the machine's load average over one minute when it began: other work makes latencies worse.</summary>
    public required double LoadAverage { get; init; }

    public required double DurationMs { get; init; }

    public required long Requests { get; init; }

    public required OutcomeCounts Outcomes { get; init; }

    public required ConnectionCounts Connections { get; init; }

    /// <summary>Gets the latencies outside of upgrades.</summary>
    public required LatencyQuantiles Steady { get; init; }

    /// <summary>Gets the latencies of requests with any moment inside an upgrade.</summary>
    public required LatencyQuantiles DuringUpgrades { get; init; }

    /// <summary>Gets the number of answers during upgrades: of few, a high quantile is their largest.</summary>
    public required long AnswersDuringUpgrades { get; init; }

    public required IReadOnlyList<UpgradeTimes> Upgrades { get; init; }

    /// <summary>Gets the memory before the first upgrade.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Gets the most memory.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>Gets the first failures, in words.</summary>
    public required IReadOnlyList<string> Failures { get; init; }
}
