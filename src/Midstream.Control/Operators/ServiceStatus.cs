using Midstream.Core.Modules;

namespace Midstream.Control.Operators;

/// <summary>The state of a service, as <c>midstream status</c> shows it.</summary>
/// <param name="Service">The service's name.</param>
/// <param name="State">In one word: <c>starting</c>, <c>serving</c>, <c>replacing</c>, <c>restarting</c>,
/// <c>paused</c>, <c>down</c> or <c>stopping</c>.</param>
/// <param name="Supervisor">The process that answers.</param>
/// <param name="Listeners">The addresses that clients reach the service on.</param>
/// <param name="Release">The current release's id; null when none has ever served.</param>
/// <param name="PreviousRelease">The release that <c>rollback</c> goes back to; null when there is none.</param>
/// <param name="Committed">False while the current release is in probation.</param>
/// <param name="WorkerCount">The number of workers there are to be.</param>
/// <param name="Workers">The workers there are now, newest generation first, then by slot.</param>
/// <param name="Operation">What is under way; null when nothing is.</param>
/// <param name="Problem">What an operator should look at; null when all is well.</param>
/// <param name="Counters">What was counted over all workers there ever were.</param>
/// <param name="Reserve">The workers that wait and serve nobody; null when there are none and there should be none.</param>
/// <param name="Modules">The modules, by name; null when the application hosts none and none is to be loaded.</param>
public sealed record ServiceStatus(
    string Service,
    string State,
    SupervisorStatus Supervisor,
    IReadOnlyList<string> Listeners,
    string? Release,
    string? PreviousRelease,
    bool Committed,
    int WorkerCount,
    IReadOnlyList<WorkerStatus> Workers,
    OperationStatus? Operation,
    string? Problem,
    ServiceCountersStatus? Counters = null,
    ReserveStatus? Reserve = null,
    IReadOnlyList<ServiceModuleStatus>? Modules = null);

/// <summary>A module, as the workers that serve have it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version that serves; null when it is to be loaded and serves nowhere.</param>
/// <param name="Workers">How many workers serve that version, of those that have said so in time.</param>
/// <param name="Canary">What serves beside it; null when nothing does.</param>
public sealed record ServiceModuleStatus(string Name, string? Version, int Workers, ServiceCanaryStatus? Canary = null);

/// <summary>What serves a part of a module's requests.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Rule">Which requests go to it.</param>
public sealed record ServiceCanaryStatus(string Version, CanaryRule Rule);

/// <summary>The workers that are started and serve nobody. They are not among the service's workers.</summary>
/// <param name="Workers">Each with the state <c>starting</c> or <c>waiting</c>; the slot of a standby is 0.</param>
/// <param name="Prepared">The release that is prepared; null when none is.</param>
/// <param name="PreparedLeftMs">How long it will still wait, in milliseconds; null when none is prepared.</param>
/// <param name="Problem">Why there is no standby though there should be one; null when all is well.</param>
public sealed record ReserveStatus(
    IReadOnlyList<WorkerStatus> Workers, string? Prepared = null, long? PreparedLeftMs = null, string? Problem = null);

/// <summary>The supervisor's own state.</summary>
/// <param name="Pid">Its process id.</param>
/// <param name="Version">Its version.</param>
/// <param name="StartedAt">When it started, UTC.</param>
/// <param name="Deployments">The operations that ended in a commit since then.</param>
/// <param name="Restarts">The workers restarted after a crash since then.</param>
/// <param name="Upgrades">The updates of the supervisor's own program since then.</param>
public sealed record SupervisorStatus(
    int Pid, string Version, DateTimeOffset StartedAt, long Deployments, long Restarts, long Upgrades);

/// <summary>One worker.</summary>
/// <param name="Name">Its name: generation and the slot it was started for, as in <c>g41.2</c>; <c>g41.0</c> was started as the
/// standby.</param>
/// <param name="Generation">Its generation's number.</param>
/// <param name="Slot">Its place among the service's workers, counted from 1; 0 while it has none.</param>
/// <param name="Release">The release it was started from.</param>
/// <param name="State">Where it stands: <c>starting</c>, <c>ready</c>, <c>serving</c>, <c>draining</c>, <c>stopping</c>.</param>
/// <param name="Pid">Its process id.</param>
/// <param name="StartedAt">When it was started, UTC.</param>
/// <param name="ReadyInMs">From start to ready, in milliseconds; null while it is not ready.</param>
/// <param name="HandsOver">True when its connections can be moved.</param>
/// <param name="HoldsLease">True when the singular services run in it.</param>
/// <param name="Counters">What it last reported; null when it has not, or does not.</param>
public sealed record WorkerStatus(
    string Name, long Generation, int Slot, string Release, string State, int Pid, DateTimeOffset StartedAt, long? ReadyInMs,
    bool HandsOver, bool HoldsLease = false, WorkerCountersStatus? Counters = null);

/// <summary>An operation that is under way.</summary>
/// <param name="Kind">What is being done: <c>deploy</c>, <c>rollback</c>, <c>reload</c>, <c>scale</c>,
/// <c>upgrade</c>, <c>restart</c>, <c>stop</c>.</param>
/// <param name="Who">Who asked for it: a user's name, or <c>midstream</c> for what it does by itself.</param>
/// <param name="Since">When it began, UTC.</param>
/// <param name="Phase">The phase it is in.</param>
public sealed record OperationStatus(string Kind, string Who, DateTimeOffset Since, string Phase);

/// <summary>A release in the store.</summary>
/// <param name="Id">Its id, 12 hexadecimal digits.</param>
/// <param name="Source">The name of the folder it was made from.</param>
/// <param name="AddedAt">When it was stored, UTC.</param>
/// <param name="SizeBytes">The sum of its files, in bytes.</param>
/// <param name="Current">True for the release that serves.</param>
/// <param name="Previous">True for the release that <c>rollback</c> goes back to.</param>
public sealed record ReleaseSummary(
    string Id, string Source, DateTimeOffset AddedAt, long SizeBytes, bool Current, bool Previous);
