// What to do about a crash.

namespace Midstream.Core.Restarts;

/// <summary>Says whether to start the worker again, and after what wait.</summary>
public sealed record RestartDecision
{
    /// <summary>Whether to leave the worker down until a person or a deployment starts it.</summary>
    public required bool GiveUp { get; init; }

    /// <summary>The wait before the restart; zero when giving up.</summary>
    public required TimeSpan Delay { get; init; }

    /// <summary>Why, as a sentence for logs and people.</summary>
    public required string Reason { get; init; }
}
