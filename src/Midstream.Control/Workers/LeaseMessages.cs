namespace Midstream.Control.Workers;

// The lease of the singular services (docs/specs/worker-protocol.md): one worker of the service has it at a time.

/// <summary>Supervisor to worker: no other worker has the lease; start the singular services.</summary>
public sealed record GrantLeaseMessage : WorkerMessage;

/// <summary>Worker to supervisor: the singular services run.</summary>
/// <param name="Fault">Why they do not, a sentence for the operator; then none of them runs. Null when they do.</param>
public sealed record LeaseTakenMessage(string? Fault = null) : WorkerMessage;

/// <summary>Supervisor to worker: stop the singular services.</summary>
/// <param name="TimeoutMs">The time they have, in milliseconds.</param>
public sealed record RevokeLeaseMessage(long TimeoutMs) : WorkerMessage;

/// <summary>Worker to supervisor: the answer to <see cref="RevokeLeaseMessage"/>.</summary>
/// <param name="Fault">Which services still run, a sentence for the operator; the worker has to be dead before the lease is
/// given to another. Null when none does.</param>
public sealed record LeaseReleasedMessage(string? Fault = null) : WorkerMessage;
