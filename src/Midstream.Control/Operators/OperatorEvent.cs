using System.Text.Json.Serialization;

namespace Midstream.Control.Operators;

/// <summary>
/// What a supervisor answers: JSON objects, one a line, of which the last is a <see cref="ResultEvent"/>, a
/// <see cref="RefusedEvent"/>, a <see cref="StatusEvent"/>, a <see cref="ReleasesEvent"/> or a <see cref="ModulesEvent"/>.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(PhaseEvent), "phase")]
[JsonDerivedType(typeof(ResultEvent), "result")]
[JsonDerivedType(typeof(RefusedEvent), "refused")]
[JsonDerivedType(typeof(StatusEvent), "status")]
[JsonDerivedType(typeof(ReleasesEvent), "releases")]
[JsonDerivedType(typeof(ModulesEvent), "modules")]
public abstract record OperatorEvent;

/// <summary>A phase of the operation has begun.</summary>
/// <param name="Phase">The phase's name, as in docs/reference/cli.md: <c>store</c>, <c>start</c>, <c>ready</c>, ...</param>
/// <param name="ElapsedMs">Since the operation began, in milliseconds.</param>
/// <param name="Detail">What a person wants to know of it; null when there is nothing to say.</param>
public sealed record PhaseEvent(string Phase, long ElapsedMs, string? Detail = null) : OperatorEvent;

/// <summary>The operation has ended.</summary>
/// <param name="Outcome">How; see <see cref="Outcomes"/>.</param>
/// <param name="Release">The release that serves now; null when none does.</param>
/// <param name="Generation">The generation that serves now; null when none does.</param>
/// <param name="Reason">Why, when the outcome is not what was asked for: what happened and what to do.</param>
/// <param name="Failure">The failure's name, for programs; null when there is none.</param>
/// <param name="ReplacedInMs">From the request to the end of the old generation's drain, in milliseconds; null when nothing was
/// replaced.</param>
/// <param name="ElapsedMs">From the request to this result, in milliseconds.</param>
/// <param name="Phases">Each phase that was gone through, with the time it took.</param>
/// <param name="Connections">What became of the old generation's connections; null when it could not tell.</param>
/// <param name="State">How state was handed over; null when none was.</param>
/// <param name="LastLines">The last lines the new generation wrote, when it failed; oldest first.</param>
/// <param name="Modules">What became of modules, worker by worker; null when none was changed.</param>
public sealed record ResultEvent(
    string Outcome,
    string? Release = null,
    long? Generation = null,
    string? Reason = null,
    string? Failure = null,
    long? ReplacedInMs = null,
    long ElapsedMs = 0,
    IReadOnlyList<PhaseDuration>? Phases = null,
    Workers.DrainReport? Connections = null,
    StateReport? State = null,
    IReadOnlyList<string>? LastLines = null,
    IReadOnlyList<WorkerModuleChange>? Modules = null) : OperatorEvent;

/// <summary>How long a phase took.</summary>
/// <param name="Phase">The phase's name.</param>
/// <param name="DurationMs">Its duration, in milliseconds.</param>
public sealed record PhaseDuration(string Phase, long DurationMs);

/// <summary>The request was not begun, and nothing has changed.</summary>
/// <param name="Code">Why, for programs; see <see cref="Refusals"/>.</param>
/// <param name="Reason">Why, for people: what is in the way and what to do.</param>
public sealed record RefusedEvent(string Code, string Reason) : OperatorEvent;

/// <summary>What runs.</summary>
/// <param name="Status">The service's state.</param>
public sealed record StatusEvent(ServiceStatus Status) : OperatorEvent;

/// <summary>What is in the store.</summary>
/// <param name="Releases">The releases, newest first.</param>
public sealed record ReleasesEvent(IReadOnlyList<ReleaseSummary> Releases) : OperatorEvent;

/// <summary>The outcomes of an operation.</summary>
public static class Outcomes
{
    /// <summary>Done, and permanent.</summary>
    public const string Committed = "committed";

    /// <summary>Nothing to do: this is what runs.</summary>
    public const string Unchanged = "unchanged";

    /// <summary>Started and proven; it waits for its deployment.</summary>
    public const string Prepared = "prepared";

    /// <summary>Failed before the switch; what ran before has not noticed.</summary>
    public const string Failed = "failed";

    /// <summary>Failed after the switch; the previous release serves again.</summary>
    public const string RolledBack = "rolled-back";

    /// <summary>Given up at the operator's wish, before the switch.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The service has been stopped.</summary>
    public const string Stopped = "stopped";
}

/// <summary>The codes of a refusal.</summary>
public static class Refusals
{
    /// <summary>Another operation is under way.</summary>
    public const string Busy = "busy";

    /// <summary>The request itself is wrong: a folder that does not exist, a release that is not in the store.</summary>
    public const string BadRequest = "bad-request";

    /// <summary>The caller may not do this.</summary>
    public const string NotAllowed = "not-allowed";

    /// <summary>The caller speaks a version of the protocol that this supervisor does not.</summary>
    public const string Protocol = "protocol";

    /// <summary>The supervisor is stopping.</summary>
    public const string Stopping = "stopping";
}
