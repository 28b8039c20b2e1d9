using System.Text.Json.Serialization;
using Midstream.Core.Modules;

namespace Midstream.Control.Workers;

// The change of a worker's modules, in the order of its messages (docs/specs/worker-protocol.md). One change at a time; answers
// carry its number, so that a late one is not taken for another's.

/// <summary>Supervisor to worker: describe your modules.</summary>
/// <param name="Module">One module's name; null for all, with no more than what serves of each.</param>
/// <param name="After">Only those whose names come after this one; null for all.</param>
/// <param name="Question">The question's number, for the answer to carry.</param>
/// <param name="Tracer">A process to be let trace the worker, with its descendants; null for none.</param>
public sealed record ListModulesMessage(
    string? Module = null, string? After = null, long Question = 0, int? Tracer = null) : WorkerMessage;

/// <summary>Worker to supervisor, the answer to <see cref="ListModulesMessage"/>.</summary>
/// <param name="Modules">The modules, by name.</param>
/// <param name="More">How many are left out because the message would be too long; they are to be asked for.</param>
/// <param name="Question">The question's number; null of a worker that does not number its answers.</param>
public sealed record ModulesMessage(
    [property: JsonRequired] IReadOnlyList<ModuleSummary> Modules, int More = 0, long? Question = null) : WorkerMessage;

/// <summary>Supervisor to worker: go through all phases of a change before its move, and wait there. A change that waits already
/// is given up first.</summary>
/// <param name="Change">The change's number.</param>
/// <param name="Difference">What is to change.</param>
/// <param name="WaitMs">The longest time to wait at the move, in milliseconds; then it is given up.</param>
public sealed record PrepareModulesMessage(
    long Change, [property: JsonRequired] ModuleDifference Difference, long WaitMs) : WorkerMessage;

/// <summary>Worker to supervisor: a phase of a change has begun.</summary>
/// <param name="Change">The change's number.</param>
/// <param name="Module">The module.</param>
/// <param name="Phase">The phase: <c>verify</c>, <c>load</c>, <c>build</c>, <c>migrate</c>, <c>start</c>, <c>warm-up</c>,
/// <c>move</c>.</param>
public sealed record ModulePhaseMessage(
    long Change, [property: JsonRequired] string Module, [property: JsonRequired] string Phase) : WorkerMessage;

/// <summary>Worker to supervisor, the answer to <see cref="PrepareModulesMessage"/>.</summary>
/// <param name="Change">The change's number.</param>
/// <param name="Fault">Why it was given up, a sentence for the operator; null when it waits at the move.</param>
public sealed record ModulesPreparedMessage(long Change, string? Fault = null) : WorkerMessage;

/// <summary>Supervisor to worker: move the change that waits.</summary>
/// <param name="Change">The change's number.</param>
public sealed record MoveModulesMessage(long Change) : WorkerMessage;

/// <summary>Worker to supervisor, the answer to <see cref="MoveModulesMessage"/>.</summary>
/// <param name="Change">The change's number.</param>
/// <param name="Moves">What was moved.</param>
/// <param name="Fault">Why nothing was, a sentence for the operator; null when it was.</param>
public sealed record ModulesMovedMessage(
    long Change, [property: JsonRequired] IReadOnlyList<ModuleMove> Moves, string? Fault = null) : WorkerMessage;

/// <summary>Supervisor to worker: give up the change that waits, if one does.</summary>
public sealed record AbandonModulesMessage : WorkerMessage;

/// <summary>Worker to supervisor, the answer to <see cref="AbandonModulesMessage"/>.</summary>
public sealed record ModulesAbandonedMessage : WorkerMessage;

/// <summary>Supervisor to worker: say when what was replaced by the change that was moved has ended.</summary>
/// <param name="Change">The change's number.</param>
public sealed record AwaitModulesMessage(long Change) : WorkerMessage;

/// <summary>Worker to supervisor, the answer to <see cref="AwaitModulesMessage"/>.</summary>
/// <param name="Change">The change's number.</param>
/// <param name="Endings">How each generation ended.</param>
public sealed record ModulesEndedMessage(
    long Change, [property: JsonRequired] IReadOnlyList<ModuleEnding> Endings) : WorkerMessage;
