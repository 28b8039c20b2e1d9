using System.Text.Json.Serialization;

namespace Midstream.Control.Workers;

/// <summary>
/// One message of the worker protocol, either way. The exchange, its order and its versioning rule are written down in
/// docs/specs/worker-protocol.md; a receiver ignores members that it does not know. A text, a list or an object that was in the
/// first version is required: a message without it is rubbish.
/// </summary>
[JsonPolymorphic(
    TypeDiscriminatorPropertyName = "type", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(HelloMessage), "hello")]
[JsonDerivedType(typeof(ReadyMessage), "ready")]
[JsonDerivedType(typeof(FailedMessage), "failed")]
[JsonDerivedType(typeof(ActivatedMessage), "activated")]
[JsonDerivedType(typeof(DrainedMessage), "drained")]
[JsonDerivedType(typeof(ResumedMessage), "resumed")]
[JsonDerivedType(typeof(ReportMessage), "report")]
[JsonDerivedType(typeof(ConnectMessage), "connect")]
[JsonDerivedType(typeof(ActivateMessage), "activate")]
[JsonDerivedType(typeof(DrainMessage), "drain")]
[JsonDerivedType(typeof(PauseMessage), "pause")]
[JsonDerivedType(typeof(PausedMessage), "paused")]
[JsonDerivedType(typeof(ResumeMessage), "resume")]
[JsonDerivedType(typeof(StopMessage), "stop")]
[JsonDerivedType(typeof(IdentifyMessage), "identify")]
[JsonDerivedType(typeof(SocketMessage), "socket")]
[JsonDerivedType(typeof(OutputMessage), "output")]
[JsonDerivedType(typeof(IdentityMessage), "identity")]
[JsonDerivedType(typeof(ImportStateMessage), "import_state")]
[JsonDerivedType(typeof(StateImportedMessage), "state_imported")]
[JsonDerivedType(typeof(ExportStateMessage), "export_state")]
[JsonDerivedType(typeof(StateExportedMessage), "state_exported")]
[JsonDerivedType(typeof(HandOverStateMessage), "hand_over_state")]
[JsonDerivedType(typeof(StateHandedOverMessage), "state_handed_over")]
[JsonDerivedType(typeof(KeepStateMessage), "keep_state")]
[JsonDerivedType(typeof(StateKeptMessage), "state_kept")]
[JsonDerivedType(typeof(TakeStateMessage), "take_state")]
[JsonDerivedType(typeof(StateTakenMessage), "state_taken")]
[JsonDerivedType(typeof(GrantLeaseMessage), "grant_lease")]
[JsonDerivedType(typeof(LeaseTakenMessage), "lease_taken")]
[JsonDerivedType(typeof(RevokeLeaseMessage), "revoke_lease")]
[JsonDerivedType(typeof(LeaseReleasedMessage), "lease_released")]
[JsonDerivedType(typeof(ListModulesMessage), "list_modules")]
[JsonDerivedType(typeof(ModulesMessage), "modules")]
[JsonDerivedType(typeof(PrepareModulesMessage), "prepare_modules")]
[JsonDerivedType(typeof(ModulePhaseMessage), "module_phase")]
[JsonDerivedType(typeof(ModulesPreparedMessage), "modules_prepared")]
[JsonDerivedType(typeof(MoveModulesMessage), "move_modules")]
[JsonDerivedType(typeof(ModulesMovedMessage), "modules_moved")]
[JsonDerivedType(typeof(AbandonModulesMessage), "abandon_modules")]
[JsonDerivedType(typeof(ModulesAbandonedMessage), "modules_abandoned")]
[JsonDerivedType(typeof(AwaitModulesMessage), "await_modules")]
[JsonDerivedType(typeof(ModulesEndedMessage), "modules_ended")]
public abstract record WorkerMessage;

/// <summary>Worker to supervisor, first message: it speaks the protocol, and its accept gate is closed.</summary>
/// <param name="Protocol">The highest version of the protocol the worker speaks.</param>
/// <param name="Hosting">The version of Midstream.Hosting.</param>
/// <param name="Capabilities">What it can do; see <see cref="WorkerCapabilities"/>. Unknown names are ignored.</param>
/// <param name="HoldsLease">Whether its singular services run; null when it has none. Only a hello that is said again, to a
/// new supervisor, can say true.</param>
/// <param name="InChargeOfState">Whether its states are its own to change; null when it has none.</param>
public sealed record HelloMessage(
    int Protocol,
    [property: JsonRequired] string Hosting,
    [property: JsonRequired] IReadOnlyList<string> Capabilities,
    bool? HoldsLease = null,
    bool? InChargeOfState = null) : WorkerMessage;

/// <summary>Worker to supervisor: the application has started; it would serve if its accept gate were opened.</summary>
public sealed record ReadyMessage : WorkerMessage;

/// <summary>Worker to supervisor: it cannot become ready.</summary>
/// <param name="Reason">A sentence for the operator: what happened and what to do.</param>
public sealed record FailedMessage([property: JsonRequired] string Reason) : WorkerMessage;

/// <summary>Worker to supervisor: the accept gate is open, and connections handed over are taken.</summary>
public sealed record ActivatedMessage : WorkerMessage;

/// <summary>Worker to supervisor: no connection is left.</summary>
/// <param name="Report">What became of the connections.</param>
public sealed record DrainedMessage([property: JsonRequired] DrainReport Report) : WorkerMessage;

/// <summary>Worker to supervisor: the accept gate is open again after a drain that was taken back.</summary>
public sealed record ResumedMessage : WorkerMessage;

/// <summary>Worker to supervisor, about every second and once more at its end: its heartbeat, and what it has counted. Written
/// on the worker's thread pool, so that it stays away when that pool no longer gets anything done.</summary>
/// <param name="Report">The counts.</param>
public sealed record ReportMessage([property: JsonRequired] WorkerReport Report) : WorkerMessage;

/// <summary>Supervisor to worker, with one descriptor: a connection to be served as if it had been accepted. Health checks
/// and warm-up requests reach a generation this way, whatever state its accept gate is in.</summary>
/// <param name="Listener">The <see cref="WorkerListener.Id"/> whose settings the connection is served with.</param>
public sealed record ConnectMessage(int Listener) : WorkerMessage;

/// <summary>Supervisor to worker: open the accept gate. With one descriptor: the channel on which connections arrive
/// from the generation before.</summary>
/// <param name="KeepGateClosed">True while the service is paused: all but the opening of the gate. A worker that does not know
/// it is told to pause as well.</param>
public sealed record ActivateMessage(bool? KeepGateClosed = null) : WorkerMessage;

/// <summary>Supervisor to worker: accept no more and let go of every connection. With one descriptor: the channel to the
/// generation that takes them; without: they are ended in the way their protocol announces.</summary>
/// <param name="TimeoutMs">The time the worker has, in milliseconds; then it closes what is left.</param>
public sealed record DrainMessage(long TimeoutMs) : WorkerMessage;

/// <summary>Supervisor to worker: close the accept gate, and serve what has been accepted.</summary>
public sealed record PauseMessage : WorkerMessage;

/// <summary>Worker to supervisor: the accept gate is closed.</summary>
public sealed record PausedMessage : WorkerMessage;

/// <summary>Supervisor to worker: open the accept gate, and take the drain back if one is under way.</summary>
/// <param name="KeepGateClosed">True while the service is paused: only the drain is taken back.</param>
public sealed record ResumeMessage(bool? KeepGateClosed = null) : WorkerMessage;

/// <summary>Supervisor to worker: shut the application down and exit.</summary>
public sealed record StopMessage : WorkerMessage;

/// <summary>Supervisor to worker: say who you are and how you stand. Asked by a supervisor that has not started the worker
/// itself, and by one that wants to know whether the worker answers.</summary>
/// <param name="WithDescriptors">True to be given the listening sockets and the reading end of the output as well, in messages
/// before the answer.</param>
public sealed record IdentifyMessage(bool WithDescriptors) : WorkerMessage;

/// <summary>Worker to supervisor, with one descriptor: a listening socket that the worker inherited.</summary>
/// <param name="Listener">The <see cref="WorkerListener.Id"/>.</param>
public sealed record SocketMessage(int Listener) : WorkerMessage;

/// <summary>Worker to supervisor, with one descriptor: the reading end of the pipe that is its standard output. With a second
/// one, a sealed memory file: what the worker has read from the pipe itself while nobody else did.</summary>
public sealed record OutputMessage : WorkerMessage;

/// <summary>Worker to supervisor: the answer to <see cref="IdentifyMessage"/>.</summary>
/// <param name="Hello">What it would say in its hello now.</param>
/// <param name="Pid">Its process id.</param>
/// <param name="Generation">Its generation.</param>
/// <param name="Slot">Its slot.</param>
/// <param name="Release">The release it runs.</param>
/// <param name="IsReady">True when the application has started.</param>
/// <param name="GateIsOpen">True when it accepts connections.</param>
/// <param name="IsDraining">True when it was told to let go of its connections, also when it has.</param>
/// <param name="IsPaused">True when it is in service and its gate is closed because the service is paused.</param>
public sealed record IdentityMessage(
    [property: JsonRequired] HelloMessage Hello,
    int Pid,
    long Generation,
    int Slot,
    [property: JsonRequired] string Release,
    bool IsReady,
    bool GateIsOpen,
    bool IsDraining,
    bool? IsPaused = null) : WorkerMessage;

/// <summary>What became of a worker's connections in a drain, a count for each rung of the ladder.</summary>
/// <param name="Moved">Handed over, acknowledged by the other side.</param>
/// <param name="Announced">Ended in the way their protocol announces.</param>
/// <param name="ClosedByPeer">Closed by the client itself.</param>
/// <param name="ClosedAtDeadline">Closed by the worker because the time was over.</param>
/// <param name="DurationMs">From the drain message to the last connection, in milliseconds.</param>
/// <param name="MovedBusy">How many of <paramref name="Moved"/> had something under way when the drain began, and finished it
/// first.</param>
/// <param name="HalfClosed">Idle ones that nothing had told of the end, ended between two requests.</param>
public sealed record DrainReport(
    long Moved,
    long Announced,
    long ClosedByPeer,
    long ClosedAtDeadline,
    long DurationMs,
    long MovedBusy = 0,
    long HalfClosed = 0)
{
    /// <summary>Adds two reports up; the longer duration counts.</summary>
    /// <param name="first">One; null for none.</param>
    /// <param name="second">The other; null for none.</param>
    /// <returns>The sum; null when there is neither.</returns>
    public static DrainReport? Sum(DrainReport? first, DrainReport? second)
    {
        if (first is null || second is null)
            return first ?? second;
        return new DrainReport(
            first.Moved + second.Moved,
            first.Announced + second.Announced,
            first.ClosedByPeer + second.ClosedByPeer,
            first.ClosedAtDeadline + second.ClosedAtDeadline,
            Math.Max(first.DurationMs, second.DurationMs),
            first.MovedBusy + second.MovedBusy,
            first.HalfClosed + second.HalfClosed);
    }
}

/// <summary>The capabilities a worker may name in its hello.</summary>
public static class WorkerCapabilities
{
    /// <summary>The worker hands over and takes established HTTP/1.1 connections.</summary>
    public const string HandOver = "hand-over";

    /// <summary>The worker has state to hand over, and its start waits for <see cref="ImportStateMessage"/>.</summary>
    public const string State = "state";

    /// <summary>The worker has services that run in one worker at a time.</summary>
    public const string Lease = "lease";

    /// <summary>The worker sends <see cref="ReportMessage"/> about every second: its silence means something.</summary>
    public const string Report = "report";

    /// <summary>The worker hosts modules, and changes them at the supervisor's wish.</summary>
    public const string Modules = "modules";
}
