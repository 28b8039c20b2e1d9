// What the supervisor may do about crashes: how soon, how often.

namespace Midstream.Core.Configuration;

/// <summary>Bounds the restarts after crashes; <see cref="Restarts.RestartPolicy"/> decides by it.</summary>
public sealed record RestartModel
{
    /// <summary>The wait after the first crash within the window. 1 ms to 24 h, default 100 ms.</summary>
    public TimeSpan DelayMin { get; init; } = TimeSpan.FromMilliseconds(ServiceDefaults.RestartDelayMinMs);

    /// <summary>The longest wait, never shorter than <see cref="DelayMin"/>. 1 ms to 24 h, default 30 s.</summary>
    public TimeSpan DelayMax { get; init; } = TimeSpan.FromMilliseconds(ServiceDefaults.RestartDelayMaxMs);

    /// <summary>How many crashes within the window make the supervisor give up; 1 never restarts. 1 to 1000, default 5.</summary>
    public int CrashesMax { get; init; } = ServiceDefaults.RestartCrashesMax;

    /// <summary>How far back crashes count. 1 ms to 24 h, default 60 s.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMilliseconds(ServiceDefaults.RestartWindowMs);
}
