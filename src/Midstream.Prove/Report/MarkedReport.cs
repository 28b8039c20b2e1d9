namespace Midstream.Prove;

// How requests fared while something was done to the target, and how they fared otherwise.

/// <summary>Tells the requests of marked periods from the others. A request is of a period when any moment of it is.</summary>
public sealed record MarkedReport
{
    /// <summary>Gets the periods, in their order.</summary>
    public required IReadOnlyList<MarkedPeriod> Periods { get; init; }

    /// <summary>Gets the number of requests of the periods that were answered completely and correctly.</summary>
    public required long Answers { get; init; }

    /// <summary>Gets how long these took.</summary>
    public required LatencyQuantiles Latency { get; init; }

    /// <summary>Gets how long the answered requests outside of every period took.</summary>
    public required LatencyQuantiles OtherLatency { get; init; }
}

/// <summary>Describes one marked period.</summary>
/// <param name="FromMs">When it began, in milliseconds since the run began; below 0 when that was before the run.</param>
/// <param name="ToMs">When it ended; the end of the run when it had not.</param>
public sealed record MarkedPeriod(double FromMs, double ToMs);
