using Midstream.Core.Modules;

namespace Midstream.Modules;

/// <summary>Describes a module and its generations at one moment.</summary>
/// <param name="Name">The module's name.</param>
/// <param name="Path">Where its slot is.</param>
/// <param name="Serving">The generation that serves; null when the module has been removed.</param>
/// <param name="PreviousPackage">The package that a rollback would load; null when there is none.</param>
/// <param name="Generations">Those in memory and the latest of those that are not, oldest first.</param>
/// <param name="Canary">What serves beside it; null when nothing does.</param>
/// <param name="Kept">The generation that is kept, paused, for a rollback; null when none is.</param>
public sealed record ModuleStatus(
    string Name, string Path, long? Serving, string? PreviousPackage, IReadOnlyList<GenerationStatus> Generations,
    CanaryStatus? Canary = null, long? Kept = null);

/// <summary>Describes what serves a part of a module's requests.</summary>
/// <param name="Generation">The generation's number.</param>
/// <param name="Rule">Which requests go to it.</param>
public sealed record CanaryStatus(long Generation, CanaryRule Rule);

/// <summary>Describes a generation at one moment.</summary>
/// <param name="Number">The generation's number.</param>
/// <param name="Version">The package's version.</param>
/// <param name="Package">The package's id in the store.</param>
/// <param name="State">What it is doing.</param>
/// <param name="StartedAt">When it was begun.</param>
/// <param name="Requests">The requests it has answered.</param>
/// <param name="Failed">Those answered with 500 or above, or by an exception.</param>
/// <param name="Aborted">Those that ended unanswered because their client had gone, or the drain's time was over.</param>
/// <param name="UnderWay">The requests it is answering.</param>
/// <param name="P50">The duration that half of the requests did not exceed, rounded up by at most an eighth.</param>
/// <param name="P99">The same for 99 of 100.</param>
/// <param name="Verdict">Whether it has left the memory, and why not; null before that was found out.</param>
public sealed record GenerationStatus(
    long Number, string Version, string Package, ModuleState State, DateTimeOffset StartedAt, long Requests, long Failed,
    long Aborted, int UnderWay, TimeSpan P50, TimeSpan P99, UnloadVerdict? Verdict);
