// How long an old worker may keep its connections, and how many old workers there may be.

namespace Midstream.Core.Configuration;

/// <summary>Bounds the time in which an old generation finishes or hands over its connections.</summary>
public sealed record DrainModel
{
    /// <summary>The time from the switch to the closing of what is left. 1 ms to 24 h, default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(ServiceDefaults.DrainTimeoutMs);

    /// <summary>How many generations may drain at once; beyond it the oldest is stopped. 1 to 16, default 2.</summary>
    public int GenerationsMax { get; init; } = ServiceDefaults.DrainGenerationsMax;
}
