// The life of a generation.
//
//   state    | became ready | activated | drain began | resumed | stop began | exited
//   ---------+--------------+-----------+-------------+---------+------------+-------
//   starting | ready        | -         | -           | -       | stopping   | ended
//   ready    | -            | serving   | -           | -       | stopping   | ended
//   serving  | -            | -         | draining    | -       | stopping   | ended
//   draining | -            | -         | -           | serving | stopping   | ended
//   stopping | -            | -         | -           | -       | -          | ended
//   ended    | -            | -         | -           | -       | -          | -
//
// A dash is a refusal: the event contradicts the state, so whoever reports it has lost track of the worker.

namespace Midstream.Core.Generations;

/// <summary>Decides, without doing anything, which state follows an event.</summary>
public static class GenerationLifecycle
{
    /// <summary>Decides which state follows an event.</summary>
    /// <param name="state">The state the generation is in.</param>
    /// <param name="happened">What happened to it.</param>
    /// <returns>The state that follows, or a refusal that names state and event.</returns>
    public static GenerationTransition Next(GenerationState state, GenerationEvent happened) => (state, happened) switch
    {
        (GenerationState.Starting, GenerationEvent.BecameReady) => new(GenerationState.Ready),
        (GenerationState.Ready, GenerationEvent.Activated) => new(GenerationState.Serving),
        (GenerationState.Serving, GenerationEvent.DrainBegan) => new(GenerationState.Draining),
        (GenerationState.Draining, GenerationEvent.Resumed) => new(GenerationState.Serving),
        ( < GenerationState.Stopping, GenerationEvent.StopBegan) => new(GenerationState.Stopping),
        ( < GenerationState.Ended, GenerationEvent.Exited) => new(GenerationState.Ended),
        _ => new(state, $"A generation that is {state} cannot take the event {happened}."),
    };
}
