// What follows an event in a swap.

namespace Midstream.Core.Modules;

/// <summary>Holds the decision about a swap's next step.</summary>
/// <param name="Phase">The phase to be in.</param>
/// <param name="Outcome">How the swap stands.</param>
public readonly record struct SwapStep(SwapPhase Phase, SwapOutcome Outcome)
{
    /// <summary>Whether the swap is over.</summary>
    public bool HasEnded => Outcome != SwapOutcome.InProgress;
}
