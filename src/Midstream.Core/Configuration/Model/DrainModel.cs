// How long an old worker may keep its connections. There is one such worker at most: a deployment ends after its drain.

namespace Midstream.Core.Configuration;

/// <summary>Bounds the time in which an old generation finishes or hands over its connections.</summary>
public sealed record DrainModel
{
    /// <summary>The time from the switch to the closing of what is left. 1 ms to 24 h, default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(ServiceDefaults.DrainTimeoutMs);
}
