// Where a generation's worker is in its life.

namespace Midstream.Core.Generations;

/// <summary>Names where a generation is in its life.</summary>
public enum GenerationState
{
    /// <summary>The worker was started and is not ready.</summary>
    Starting,

    /// <summary>The worker could serve and was not told to.</summary>
    Ready,

    /// <summary>The worker accepts connections.</summary>
    Serving,

    /// <summary>The worker accepts nothing and finishes or hands over what it has.</summary>
    Draining,

    /// <summary>The worker was asked to end.</summary>
    Stopping,

    /// <summary>The worker's process is gone.</summary>
    Ended,
}
