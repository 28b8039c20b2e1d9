using System.Text.Json.Serialization;

namespace Midstream.Control.Operators;

/// <summary>
/// What an operator asks of a supervisor: one JSON object on one line over the service's control socket. The contract and
/// its versioning rule are docs/specs/operator-protocol.md; a receiver ignores members that it does not know.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "command")]
[JsonDerivedType(typeof(DeployRequest), "deploy")]
[JsonDerivedType(typeof(PrepareRequest), "prepare")]
[JsonDerivedType(typeof(DiscardRequest), "discard")]
[JsonDerivedType(typeof(RollbackRequest), "rollback")]
[JsonDerivedType(typeof(ReloadRequest), "reload")]
[JsonDerivedType(typeof(ScaleRequest), "scale")]
[JsonDerivedType(typeof(PauseRequest), "pause")]
[JsonDerivedType(typeof(ResumeRequest), "resume")]
[JsonDerivedType(typeof(ReopenLogsRequest), "reopen-logs")]
[JsonDerivedType(typeof(UpgradeRequest), "upgrade")]
[JsonDerivedType(typeof(StatusRequest), "status")]
[JsonDerivedType(typeof(ReleasesRequest), "releases")]
[JsonDerivedType(typeof(StopRequest), "stop")]
[JsonDerivedType(typeof(CancelRequest), "cancel")]
[JsonDerivedType(typeof(ModulesRequest), "modules")]
[JsonDerivedType(typeof(ModuleDeployRequest), "module-deploy")]
[JsonDerivedType(typeof(ModuleRollbackRequest), "module-rollback")]
[JsonDerivedType(typeof(ModuleRemoveRequest), "module-remove")]
[JsonDerivedType(typeof(ModuleCanaryRequest), "module-canary")]
[JsonDerivedType(typeof(ModulePromoteRequest), "module-promote")]
public abstract record OperatorRequest
{
    /// <summary>The version of the protocol that the caller speaks.</summary>
    public int Protocol { get; init; } = OperatorProtocol.Version;
}

/// <summary>Puts the content of a folder in the place of what runs.</summary>
/// <param name="Folder">The published folder, an absolute path on the supervisor's machine.</param>
/// <param name="Again">True to start a new generation also of the release that runs already.</param>
public sealed record DeployRequest(string Folder, bool Again = false) : OperatorRequest;

/// <summary>Starts and proves the content of a folder behind closed gates, for the deployment of the same content to switch
/// to.</summary>
/// <param name="Folder">The published folder, an absolute path on the supervisor's machine.</param>
public sealed record PrepareRequest(string Folder) : OperatorRequest;

/// <summary>Ends what is prepared.</summary>
public sealed record DiscardRequest : OperatorRequest;

/// <summary>Goes back to a release that is in the store.</summary>
/// <param name="Release">A release's id or an unambiguous beginning of one; null for the one before the current.</param>
public sealed record RollbackRequest(string? Release = null) : OperatorRequest;

/// <summary>Reads the configuration again and replaces the workers. The same as SIGHUP.</summary>
public sealed record ReloadRequest : OperatorRequest;

/// <summary>Changes the number of workers. SIGTTIN and SIGTTOU change it by one.</summary>
/// <param name="Workers">The number there are to be: 1 to 1024.</param>
public sealed record ScaleRequest(int Workers) : OperatorRequest;

/// <summary>Makes the workers accept nothing more; clients wait in the kernel's queue. The same as SIGWINCH.</summary>
public sealed record PauseRequest : OperatorRequest;

/// <summary>Takes a pause back.</summary>
public sealed record ResumeRequest : OperatorRequest;

/// <summary>Opens the log's file anew. The same as SIGUSR1.</summary>
public sealed record ReopenLogsRequest : OperatorRequest;

/// <summary>Replaces the supervisor's own program in place. The same as SIGUSR2.</summary>
/// <param name="Program">The new program's absolute path; null for the one at the path this one was started from.</param>
public sealed record UpgradeRequest(string? Program = null) : OperatorRequest;

/// <summary>Asks what runs; answered by one <see cref="StatusEvent"/>.</summary>
public sealed record StatusRequest : OperatorRequest;

/// <summary>Asks what is in the store; answered by one <see cref="ReleasesEvent"/>.</summary>
public sealed record ReleasesRequest : OperatorRequest;

/// <summary>Stops the service and its supervisor; answered by a <see cref="ResultEvent"/> when the workers are gone.</summary>
/// <param name="Graceful">True to let clients go in the way their protocol announces, as SIGQUIT does; false to finish what is
/// under way and no more, as SIGTERM does.</param>
public sealed record StopRequest(bool Graceful = false) : OperatorRequest;

/// <summary>On a connection with a deployment under way: give it up. Honoured until the commit point; what is past it is
/// carried through. A closed connection means the same.</summary>
public sealed record CancelRequest : OperatorRequest;
