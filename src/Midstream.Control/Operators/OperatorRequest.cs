using System.Text.Json.Serialization;

namespace Midstream.Control.Operators;

/// <summary>
/// What an operator asks of a supervisor: one JSON object on one line over the service's control socket. The contract and
/// its versioning rule are docs/specs/operator-protocol.md; a receiver ignores members that it does not know.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "command")]
[JsonDerivedType(typeof(DeployRequest), "deploy")]
[JsonDerivedType(typeof(RollbackRequest), "rollback")]
[JsonDerivedType(typeof(StatusRequest), "status")]
[JsonDerivedType(typeof(ReleasesRequest), "releases")]
[JsonDerivedType(typeof(StopRequest), "stop")]
[JsonDerivedType(typeof(CancelRequest), "cancel")]
public abstract record OperatorRequest
{
    /// <summary>The version of the protocol that the caller speaks.</summary>
    public int Protocol { get; init; } = OperatorProtocol.Version;
}

/// <summary>Puts the content of a folder in the place of what runs.</summary>
/// <param name="Folder">The published folder, an absolute path on the supervisor's machine.</param>
/// <param name="Again">True to start a new generation also of the release that runs already.</param>
public sealed record DeployRequest(string Folder, bool Again = false) : OperatorRequest;

/// <summary>Goes back to a release that is in the store.</summary>
/// <param name="Release">A release's id or an unambiguous beginning of one; null for the one before the current.</param>
public sealed record RollbackRequest(string? Release = null) : OperatorRequest;

/// <summary>Asks what runs; answered by one <see cref="StatusEvent"/>.</summary>
public sealed record StatusRequest : OperatorRequest;

/// <summary>Asks what is in the store; answered by one <see cref="ReleasesEvent"/>.</summary>
public sealed record ReleasesRequest : OperatorRequest;

/// <summary>Stops the service and its supervisor; answered by a <see cref="ResultEvent"/> when the workers are gone.</summary>
public sealed record StopRequest : OperatorRequest;

/// <summary>On a connection with a deployment under way: give it up. Honoured until the commit point; what is past it is
/// carried through. A closed connection means the same.</summary>
public sealed record CancelRequest : OperatorRequest;
