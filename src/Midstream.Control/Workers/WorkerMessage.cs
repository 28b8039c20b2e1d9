using System.Text.Json.Serialization;

namespace Midstream.Control.Workers;

/// <summary>
/// One message of the worker protocol, either way. The exchange, its order and its versioning rule are written down in
/// docs/specs/worker-protocol.md; a receiver ignores members that it does not know.
/// </summary>
[JsonPolymorphic(
    TypeDiscriminatorPropertyName = "type", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(HelloMessage), "hello")]
[JsonDerivedType(typeof(ReadyMessage), "ready")]
[JsonDerivedType(typeof(FailedMessage), "failed")]
[JsonDerivedType(typeof(ActivatedMessage), "activated")]
[JsonDerivedType(typeof(DrainedMessage), "drained")]
[JsonDerivedType(typeof(ResumedMessage), "resumed")]
[JsonDerivedType(typeof(ConnectMessage), "connect")]
[JsonDerivedType(typeof(ActivateMessage), "activate")]
[JsonDerivedType(typeof(DrainMessage), "drain")]
[JsonDerivedType(typeof(PauseMessage), "pause")]
[JsonDerivedType(typeof(PausedMessage), "paused")]
[JsonDerivedType(typeof(ResumeMessage), "resume")]
[JsonDerivedType(typeof(StopMessage), "stop")]
public abstract record WorkerMessage;

/// <summary>Worker to supervisor, first message: it speaks the protocol, and its accept gate is closed.</summary>
/// <param name="Protocol">The highest version of the protocol the worker speaks.</param>
/// <param name="Hosting">The version of Midstream.Hosting.</param>
/// <param name="Capabilities">What it can do; see <see cref="WorkerCapabilities"/>. Unknown names are ignored.</param>
public sealed record HelloMessage(int Protocol, string Hosting, IReadOnlyList<string> Capabilities) : WorkerMessage;

/// <summary>Worker to supervisor: the application has started; it would serve if its accept gate were opened.</summary>
public sealed record ReadyMessage : WorkerMessage;

/// <summary>Worker to supervisor: it cannot become ready.</summary>
/// <param name="Reason">A sentence for the operator: what happened and what to do.</param>
public sealed record FailedMessage(string Reason) : WorkerMessage;

/// <summary>Worker to supervisor: the accept gate is open, and connections handed over are taken.</summary>
public sealed record ActivatedMessage : WorkerMessage;

/// <summary>Worker to supervisor: no connection is left.</summary>
/// <param name="Report">What became of the connections.</param>
public sealed record DrainedMessage(DrainReport Report) : WorkerMessage;

/// <summary>Worker to supervisor: the accept gate is open again after a drain that was taken back.</summary>
public sealed record ResumedMessage : WorkerMessage;

/// <summary>Supervisor to worker, with one descriptor: a connection to be served as if it had been accepted. Health checks
/// and warm-up requests reach a generation this way, whatever state its accept gate is in.</summary>
/// <param name="Listener">The <see cref="WorkerListener.Id"/> whose settings the connection is served with.</param>
public sealed record ConnectMessage(int Listener) : WorkerMessage;

/// <summary>Supervisor to worker: open the accept gate. With one descriptor: the channel on which connections arrive
/// from the generation before.</summary>
public sealed record ActivateMessage : WorkerMessage;

/// <summary>Supervisor to worker: accept no more and let go of every connection. With one descriptor: the channel to the
/// generation that takes them; without: they are ended in the way their protocol announces.</summary>
/// <param name="TimeoutMs">The time the worker has, in milliseconds; then it closes what is left.</param>
public sealed record DrainMessage(long TimeoutMs) : WorkerMessage;

/// <summary>Supervisor to worker: close the accept gate, and serve what has been accepted.</summary>
public sealed record PauseMessage : WorkerMessage;

/// <summary>Worker to supervisor: the accept gate is closed.</summary>
public sealed record PausedMessage : WorkerMessage;

/// <summary>Supervisor to worker: open the accept gate, and take the drain back if one is under way.</summary>
public sealed record ResumeMessage : WorkerMessage;

/// <summary>Supervisor to worker: shut the application down and exit.</summary>
public sealed record StopMessage : WorkerMessage;

/// <summary>What became of a worker's connections in a drain, a count for each rung of the ladder.</summary>
/// <param name="Moved">Handed over, acknowledged by the other side.</param>
/// <param name="Announced">Ended in the way their protocol announces.</param>
/// <param name="ClosedByPeer">Closed by the client itself.</param>
/// <param name="ClosedAtDeadline">Closed by the worker because the time was over.</param>
/// <param name="DurationMs">From the drain message to the last connection, in milliseconds.</param>
public sealed record DrainReport(long Moved, long Announced, long ClosedByPeer, long ClosedAtDeadline, long DurationMs)
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
            Math.Max(first.DurationMs, second.DurationMs));
    }
}

/// <summary>The capabilities a worker may name in its hello.</summary>
public static class WorkerCapabilities
{
    /// <summary>The worker hands over and takes established HTTP/1.1 connections.</summary>
    public const string HandOver = "hand-over";
}
