// How whoever drives a process from outside reaches the modules in it. The host of modules is registered under this type, so
// that the worker's side of Midstream, which may have been brought in from outside, needs no reference to it.

namespace Midstream.Core.Modules;

/// <summary>Changes a process's modules in two steps: all that can fail first, and the move when it is asked for. Thread-safe;
/// one change at a time.</summary>
public interface IModuleControl
{
    /// <summary>Describes the modules, by name.</summary>
    /// <param name="name">One module's name; null for all.</param>
    IReadOnlyList<ModuleSummary> Describe(string? name);

    /// <summary>Goes through all phases before the move, and waits there.</summary>
    /// <param name="difference">What is to change.</param>
    /// <param name="onPhase">Told of each phase of each module as it begins.</param>
    /// <param name="cancellationToken">Ends it before the move.</param>
    /// <returns>The change, to be moved or abandoned.</returns>
    Task<IModuleChange> PrepareAsync(
        ModuleDifference difference, Action<string, SwapPhase> onPhase, CancellationToken cancellationToken);
}

/// <summary>A change that waits at the move, or has failed before it.</summary>
public interface IModuleChange
{
    /// <summary>Gets why it has failed; null when it can be moved.</summary>
    string? Fault { get; }

    /// <summary>Moves it.</summary>
    /// <returns>What was moved, or why nothing was.</returns>
    Task<(IReadOnlyList<ModuleMove> Moves, string? Fault)> MoveAsync();

    /// <summary>Ends the new generations; those that serve have not noticed. Does nothing after the move.</summary>
    /// <returns>A task that ends when it is given up.</returns>
    Task AbandonAsync();

    /// <summary>Waits until the generations that were replaced or given up have ended.</summary>
    /// <returns>How each ended.</returns>
    Task<IReadOnlyList<ModuleEnding>> EndedAsync();
}
