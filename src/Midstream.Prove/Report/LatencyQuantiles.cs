using Midstream.Prove.Accounting;

namespace Midstream.Prove;

// How long answered requests took.

/// <summary>
/// Gives the latencies of answered requests in milliseconds; 0 without any. Each but the largest is within 1 % (or 100 ns) of the
/// true value. A latency runs from when the request is due, its connecting included, to the last byte of the response. Requests
/// sent piece by piece count from their last byte sent; downloads to the first byte received: the client's own slowness is left
/// out.
/// </summary>
public sealed record LatencyQuantiles
{
    /// <summary>Gets the median.</summary>
    public required double P50Ms { get; init; }

    /// <summary>Gets the latency that 90 % of the requests did not exceed.</summary>
    public required double P90Ms { get; init; }

    /// <summary>Gets the latency that 99 % of the requests did not exceed.</summary>
    public required double P99Ms { get; init; }

    /// <summary>Gets the latency that 99.9 % of the requests did not exceed.</summary>
    public required double P999Ms { get; init; }

    /// <summary>Gets the largest latency, exactly.</summary>
    public required double MaxMs { get; init; }

    internal static LatencyQuantiles Of(LatencyHistogram histogram) => new()
    {
        P50Ms = histogram.Quantile(0.5).TotalMilliseconds,
        P90Ms = histogram.Quantile(0.9).TotalMilliseconds,
        P99Ms = histogram.Quantile(0.99).TotalMilliseconds,
        P999Ms = histogram.Quantile(0.999).TotalMilliseconds,
        MaxMs = histogram.Largest.TotalMilliseconds,
    };
}
