// What a host tells of its modules to whoever is outside of its process.

namespace Midstream.Core.Modules;

/// <summary>Describes a module in one process.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version that serves; empty when none does.</param>
/// <param name="Package">The id of the package that serves; null when none does.</param>
/// <param name="Path">Where its slot is.</param>
/// <param name="Generation">The generation that serves; null when none does.</param>
/// <param name="Needs">The modules that what serves needs.</param>
/// <param name="Shipped">The id of the package that the application comes with; null when it comes with none.</param>
/// <param name="ShippedFolder">Where that package is; null when there is none.</param>
/// <param name="Generations">Those in memory, and the last that was not moved or has left, newest first, at most
/// <see cref="GenerationsMax"/>.</param>
/// <param name="Canary">What serves beside; null when nothing does.</param>
/// <param name="Problem">Why the process's start did not load it as was wished; null when it did, and when something has been
/// moved since.</param>
public sealed record ModuleSummary(
    string Name, string Version, string? Package, string Path, long? Generation, IReadOnlyList<string> Needs,
    string? Shipped, string? ShippedFolder, IReadOnlyList<ModuleGenerationSummary> Generations,
    ModuleCanarySummary? Canary = null, string? Problem = null)
{
    /// <summary>The most generations that are told of.</summary>
    public const int GenerationsMax = 16;
}

/// <summary>Describes what serves a part of a module's requests.</summary>
/// <param name="Generation">Its number.</param>
/// <param name="Version">Its version.</param>
/// <param name="Package">The id of its package.</param>
/// <param name="Rule">Which requests go to it.</param>
public sealed record ModuleCanarySummary(long Generation, string Version, string Package, CanaryRule Rule);

/// <summary>Describes a generation of a module.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Version">Its version.</param>
/// <param name="Package">The id of its package.</param>
/// <param name="State">What it is doing: <c>serving</c>, <c>draining</c>, <c>pinned</c>, ...</param>
/// <param name="StartedAt">When it was begun, UTC.</param>
/// <param name="Requests">The requests it has answered.</param>
/// <param name="Failed">Those answered with 500 or above, or by an exception.</param>
/// <param name="UnderWay">The requests it is answering.</param>
/// <param name="P50Ms">The duration that half of the requests did not exceed, in milliseconds.</param>
/// <param name="P99Ms">The same for 99 of 100.</param>
/// <param name="Culprits">What keeps it in memory, as far as found; empty when nothing does, at most
/// <see cref="CulpritsMax"/>.</param>
public sealed record ModuleGenerationSummary(
    long Number, string Version, string Package, string State, DateTimeOffset StartedAt, long Requests, long Failed, int UnderWay,
    double P50Ms, double P99Ms, IReadOnlyList<UnloadCulprit> Culprits)
{
    /// <summary>The most culprits that are told of.</summary>
    public const int CulpritsMax = 8;
}

/// <summary>Says how one module's part in a change came out.</summary>
/// <param name="Module">The module's name.</param>
/// <param name="Version">The version that is to serve; empty for one that was removed.</param>
/// <param name="Generation">The number of the new generation; 0 for none.</param>
/// <param name="FreezeMs">The longest time that writers of its state waited, in milliseconds.</param>
/// <param name="Canary">Which requests go to that generation; null when it serves all that no canary does.</param>
public sealed record ModuleMove(
    string Module, string Version, long Generation, double FreezeMs, CanaryRule? Canary = null);

/// <summary>Says how a generation ended that was replaced or removed.</summary>
/// <param name="Module">The module's name.</param>
/// <param name="Generation">Its number.</param>
/// <param name="Outcome">Whether it left the memory: <c>collected</c>, <c>pinned</c> or <c>budgeted</c>.</param>
/// <param name="DrainedMs">How long its last request took to end, in milliseconds.</param>
/// <param name="Aborted">The requests that were aborted when their time was over.</param>
/// <param name="Faults">What did not end as it should.</param>
/// <param name="Culprits">What keeps it in memory.</param>
public sealed record ModuleEnding(
    string Module, long Generation, string Outcome, double DrainedMs, int Aborted, IReadOnlyList<string> Faults,
    IReadOnlyList<UnloadCulprit> Culprits);
