// The health check: what is asked, how often, and how many failures are too many.

namespace Midstream.Core.Configuration;

/// <summary>Describes the request that tells a healthy worker from an unhealthy one.</summary>
public sealed record HealthModel
{
    /// <summary>The path asked, beginning with a slash. Default "/healthz".</summary>
    public string Path { get; init; } = ServiceDefaults.HealthPath;

    /// <summary>The time between two checks. 10 ms to 24 h, default 1 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(ServiceDefaults.HealthIntervalMs);

    /// <summary>How long one check may take. 1 ms to 24 h, default 2 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(ServiceDefaults.HealthTimeoutMs);

    /// <summary>The number of failures in a row that make a worker unhealthy. 1 to 1000, default 3.</summary>
    public int FailuresMax { get; init; } = ServiceDefaults.HealthFailuresMax;
}
