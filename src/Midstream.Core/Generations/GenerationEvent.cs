// What can happen to a generation.

namespace Midstream.Core.Generations;

/// <summary>Names what happened to a generation.</summary>
public enum GenerationEvent
{
    /// <summary>The worker proved that it is ready.</summary>
    BecameReady,

    /// <summary>The worker was activated: it accepts connections.</summary>
    Activated,

    /// <summary>The worker was told to drain.</summary>
    DrainBegan,

    /// <summary>The draining worker was told to serve again, because its successor failed.</summary>
    Resumed,

    /// <summary>The worker was asked to end: its drain is over, its deployment failed, or the supervisor ends.</summary>
    StopBegan,

    /// <summary>The worker's process ended, whether asked or not.</summary>
    Exited,
}
