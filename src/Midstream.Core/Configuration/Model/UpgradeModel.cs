// How the supervisor becomes another program.

namespace Midstream.Core.Configuration;

/// <summary>Bounds the supervisor's own update.</summary>
public sealed record UpgradeModel
{
    /// <summary>How long a new program may take to be in charge; past it the old one is put back. 1 s to 24 h, default
    /// 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(ServiceDefaults.UpgradeTimeoutMs);
}
