// The life of one generation of a module.
//
//   state     | moved in | moved beside | kept   | moved out | ended    | stopped   | was collected | stayed | cannot leave
//   ----------+----------+--------------+--------+-----------+----------+-----------+---------------+--------+-------------
//   preparing | serving  | canary       | -      | -         | stopping | -         | -             | -      | -
//   canary    | serving  | -            | -      | draining  | -        | -         | -             | -      | -
//   serving   | -        | -            | paused | draining  | -        | -         | -             | -      | -
//   paused    | serving  | -            | -      | draining  | -        | -         | -             | -      | -
//   draining  | -        | -            | -      | -         | stopping | -         | -             | -      | -
//   stopping  | -        | -            | -      | -         | -        | unloading | -             | -      | -
//   unloading | -        | -            | -      | -         | -        | -         | collected     | pinned | budgeted
//   collected | -        | -            | -      | -         | -        | -         | -             | -      | -
//   pinned    | -        | -            | -      | -         | -        | -         | collected     | -      | -
//   budgeted  | -        | -            | -      | -         | -        | -         | -             | -      | -
//
// A dash is a refusal: the event contradicts the state. What keeps a pinned generation may let go of it later.

namespace Midstream.Core.Modules;

/// <summary>Decides, without doing anything, which state of a generation follows an event.</summary>
public static class ModuleLifecycle
{
    /// <summary>Decides which state follows an event.</summary>
    /// <param name="state">The state the generation is in.</param>
    /// <param name="happened">What happened to it.</param>
    /// <returns>The state that follows; null for a refusal.</returns>
    public static ModuleState? Next(ModuleState state, ModuleEvent happened) => (state, happened) switch
    {
        (ModuleState.Preparing or ModuleState.Canary or ModuleState.Paused, ModuleEvent.MovedIn) => ModuleState.Serving,
        (ModuleState.Preparing, ModuleEvent.MovedBeside) => ModuleState.Canary,
        (ModuleState.Serving, ModuleEvent.Kept) => ModuleState.Paused,
        (ModuleState.Canary or ModuleState.Serving or ModuleState.Paused, ModuleEvent.MovedOut) => ModuleState.Draining,
        (ModuleState.Preparing or ModuleState.Draining, ModuleEvent.Ended) => ModuleState.Stopping,
        (ModuleState.Stopping, ModuleEvent.Stopped) => ModuleState.Unloading,
        (ModuleState.Unloading or ModuleState.Pinned, ModuleEvent.WasCollected) => ModuleState.Collected,
        (ModuleState.Unloading, ModuleEvent.Stayed) => ModuleState.Pinned,
        (ModuleState.Unloading, ModuleEvent.CannotLeave) => ModuleState.Budgeted,
        _ => null,
    };
}
