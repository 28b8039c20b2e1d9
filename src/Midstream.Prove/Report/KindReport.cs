namespace Midstream.Prove;

// One row of the report: the clients of one kind.

/// <summary>Describes what the clients of one kind met.</summary>
public sealed record KindReport
{
    /// <summary>Gets the kind.</summary>
    public required ClientKind Kind { get; init; }

    /// <summary>Gets the number of clients of this kind.</summary>
    public required int Clients { get; init; }

    /// <summary>Gets how their requests ended.</summary>
    public required OutcomeCounts Outcomes { get; init; }

    /// <summary>Gets what became of their connections.</summary>
    public required ConnectionCounts Connections { get; init; }

    /// <summary>Gets how long their answered requests took.</summary>
    public required LatencyQuantiles Latency { get; init; }
}
