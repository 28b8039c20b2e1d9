namespace Midstream.Control.Workers;

// The hand-over of state, in the order of its messages (docs/specs/state-hand-over.md).

/// <summary>Supervisor to the new worker, once, after its hello. With one descriptor: the channel to the worker that has the
/// state. Without: there is nothing to import, and the worker is in charge of its states at once.</summary>
public sealed record ImportStateMessage : WorkerMessage;

/// <summary>Worker to supervisor: the states are imported, and the application goes on starting.</summary>
/// <param name="States">The number of states that were imported.</param>
/// <param name="SizeBytes">Their size in the old worker's format.</param>
/// <param name="DurationMs">From the question to the answer, in milliseconds.</param>
/// <param name="Fault">Why it could not, a sentence for the operator; null when it could.</param>
/// <param name="VersionsDiffer">Whether the fault is that the two have no version of a format in common.</param>
public sealed record StateImportedMessage(
    int States, long SizeBytes, long DurationMs, string? Fault = null, bool VersionsDiffer = false) : WorkerMessage;

/// <summary>Supervisor to the old worker, with one descriptor, the channel to the new worker: export the states and note what
/// changes from now on.</summary>
public sealed record ExportStateMessage : WorkerMessage;

/// <summary>Worker to supervisor, the answer to <see cref="ExportStateMessage"/>, when the new worker has read
/// everything.</summary>
/// <param name="DurationMs">From the question to the answer, in milliseconds.</param>
/// <param name="Fault">Why it could not be exported, a sentence for the operator; null when it was.</param>
public sealed record StateExportedMessage(long DurationMs, string? Fault = null) : WorkerMessage;

/// <summary>Supervisor to the old worker: freeze the states, send the last changes, and put the new worker in charge.</summary>
/// <param name="FreezeMsMax">The longest time writers may wait, in milliseconds; past it the old worker thaws and stays in
/// charge.</param>
public sealed record HandOverStateMessage(long FreezeMsMax) : WorkerMessage;

/// <summary>Worker to supervisor, the answer to <see cref="HandOverStateMessage"/>.</summary>
/// <param name="FreezeMs">The time writers waited, in milliseconds.</param>
/// <param name="Changes">The number of entries that were sent during the freeze.</param>
/// <param name="Fault">Why this worker is still in charge, a sentence for the operator; null when the new one is.</param>
public sealed record StateHandedOverMessage(double FreezeMs, long Changes, string? Fault = null) : WorkerMessage;

/// <summary>Supervisor to the old worker, when the new one has failed: you are in charge, still or again. If the new worker was
/// in charge, it has to be dead before this is sent.</summary>
public sealed record KeepStateMessage : WorkerMessage;

/// <summary>Worker to supervisor, the answer to <see cref="KeepStateMessage"/>.</summary>
public sealed record StateKeptMessage : WorkerMessage;

/// <summary>Supervisor to the new worker, when the old one has died before it could hand over: you are in charge, with what you
/// have. The old worker has to be dead before this is sent.</summary>
public sealed record TakeStateMessage : WorkerMessage;

/// <summary>Worker to supervisor, the answer to <see cref="TakeStateMessage"/>.</summary>
public sealed record StateTakenMessage : WorkerMessage;
