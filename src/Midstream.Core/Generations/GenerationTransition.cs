// One decision of the generation's lifecycle.

namespace Midstream.Core.Generations;

/// <summary>Says which state follows an event.</summary>
/// <param name="State">The state that follows; the unchanged one when the event was refused.</param>
/// <param name="Refusal">Why the event was refused, naming state and event; null when it was taken.</param>
public readonly record struct GenerationTransition(GenerationState State, string? Refusal = null)
{
    /// <summary>Whether the event was refused.</summary>
    public bool IsRefused => Refusal is not null;
}
