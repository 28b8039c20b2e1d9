// How long a new generation is watched before its deployment is committed.

namespace Midstream.Core.Configuration;

/// <summary>Bounds the time in which a crash or a failing health check sends the service back to its previous release.</summary>
public sealed record ProbationModel
{
    /// <summary>The time after the switch. 0 (no probation) to 24 h, default 10 s.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMilliseconds(ServiceDefaults.ProbationDurationMs);

    /// <summary>The time after a module's move. 0 (no probation) to 24 h, default 5 s, or <see cref="Duration"/> where that is
    /// less.</summary>
    public TimeSpan Modules { get; init; } = TimeSpan.FromMilliseconds(ServiceDefaults.ProbationModulesMsMax);
}
