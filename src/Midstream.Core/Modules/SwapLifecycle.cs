// What a swap does next.
//
//   phase   | succeeded   | failed          | superseded
//   --------+-------------+-----------------+------------------
//   verify  | load        | ends: abandoned | ends: superseded
//   load    | build       | ends: abandoned | ends: superseded
//   build   | migrate     | ends: abandoned | ends: superseded
//   migrate | start       | ends: abandoned | ends: superseded
//   start   | warm-up     | ends: abandoned | ends: superseded
//   warm-up | move        | ends: abandoned | ends: superseded
//   move    | ends: moved | ends: abandoned | move (goes on)
//   done    | refused     | refused         | refused
//
// A phase without work (no state, no warm-up requests) succeeds at once. "failed" in move is the state that could not be handed
// over: the reference has not moved, and the old generation is in charge. What the old generation does afterwards is its own
// life: ModuleLifecycle.

namespace Midstream.Core.Modules;

/// <summary>Decides, without doing anything, how a swap goes on. Whatever ends it before it has moved leaves what serves
/// untouched.</summary>
public static class SwapLifecycle
{
    /// <summary>Tells whether a newer operation ends a swap in this phase.</summary>
    /// <param name="phase">The phase the swap is in.</param>
    public static bool CanBeSuperseded(SwapPhase phase) => phase < SwapPhase.Move;

    /// <summary>Decides what follows an event in a phase.</summary>
    /// <param name="phase">The phase the swap is in.</param>
    /// <param name="happened">What happened in it.</param>
    /// <returns>The phase to be in and how the swap stands.</returns>
    /// <exception cref="InvalidOperationException">The swap has ended; the message names phase and event.</exception>
    public static SwapStep Next(SwapPhase phase, SwapEvent happened) => (phase, happened) switch
    {
        (SwapPhase.Done, _) => throw Refusal(phase, happened),
        (SwapPhase.Move, SwapEvent.Succeeded) => new(SwapPhase.Done, SwapOutcome.Moved),
        (_, SwapEvent.Succeeded) => new(phase + 1, SwapOutcome.InProgress),
        (_, SwapEvent.Failed) => new(phase, SwapOutcome.Abandoned),
        (_, SwapEvent.Superseded) when CanBeSuperseded(phase) => new(phase, SwapOutcome.Superseded),
        (_, SwapEvent.Superseded) => new(phase, SwapOutcome.InProgress),
        _ => throw Refusal(phase, happened),
    };

    private static InvalidOperationException Refusal(SwapPhase phase, SwapEvent happened) =>
        new($"A swap in phase {phase} cannot take the event {happened}; it has ended or the event is unknown.");
}
