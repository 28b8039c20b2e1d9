// How many processes serve, and how they are exchanged and watched.

namespace Midstream.Core.Configuration;

/// <summary>Describes the pool of workers of one generation.</summary>
public sealed record WorkersModel
{
    /// <summary>The most workers a service may have.</summary>
    public const int CountMax = 1024;

    /// <summary>How many workers serve. 1 to 1024, default 1; null for as many as there are processors.</summary>
    public int? Count { get; init; } = ServiceDefaults.WorkersCount;

    /// <summary>In which order a deployment exchanges them. Default one by one.</summary>
    public WorkerReplacement Replace { get; init; } = WorkerReplacement.OneByOne;

    /// <summary>Whether one worker more is kept started and warmed up, without traffic. Default false.</summary>
    public bool Standby { get; init; } = ServiceDefaults.WorkersStandby;

    /// <summary>
    /// How long a worker may be silent before it counts as hung. Zero for no check; up to 24 h, default 30 s.
    /// </summary>
    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromMilliseconds(ServiceDefaults.WorkersHeartbeatTimeoutMs);
}
