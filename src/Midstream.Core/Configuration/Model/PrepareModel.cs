// How a deployment is readied before it is asked for.

namespace Midstream.Core.Configuration;

/// <summary>Bounds a prepared deployment.</summary>
public sealed record PrepareModel
{
    /// <summary>How long prepared workers wait for their deployment; then they are ended. 1 s to 24 h, default 15
    /// min.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromMilliseconds(ServiceDefaults.PrepareWaitMs);
}
