using Midstream.Core.Modules;

namespace Midstream.Control.Operators;

/// <summary>The modules of a service.</summary>
/// <param name="Modules">What is to be loaded, by name.</param>
/// <param name="Workers">What each worker has loaded.</param>
public sealed record ModulesEvent(
    IReadOnlyList<WishedModule> Modules, IReadOnlyList<WorkerModules> Workers) : OperatorEvent;

/// <summary>What is to be loaded of a module, as an operator last said.</summary>
/// <param name="Name">The module's name.</param>
/// <param name="Package">The id of the package; null when there is to be none.</param>
/// <param name="Version">The package's version; null when there is none.</param>
/// <param name="Previous">The package that a rollback would load; null when there is none.</param>
/// <param name="PreviousVersion">Its version.</param>
/// <param name="Canary">What is to serve beside it; null for nothing.</param>
public sealed record WishedModule(
    string Name, string? Package, string? Version, string? Previous, string? PreviousVersion, DesiredCanary? Canary = null);

/// <summary>The modules in one worker.</summary>
/// <param name="Worker">The worker's name.</param>
/// <param name="Modules">Its modules, by name; empty when it does not answer.</param>
/// <param name="More">How many are left out because there are too many to be told of.</param>
/// <param name="Problem">Why there is nothing to be told; null when there is.</param>
/// <param name="Pid">The worker's process id; null of a supervisor that does not tell.</param>
/// <param name="Roots">What keeps generations in its memory, as seen from outside; null when nobody has looked. Never of a
/// supervisor: <c>midstream module explain --attach</c> adds it.</param>
public sealed record WorkerModules(
    string Worker, IReadOnlyList<ModuleSummary> Modules, int More = 0, string? Problem = null, int? Pid = null,
    RootReport? Roots = null);

/// <summary>What became of modules in one worker.</summary>
/// <param name="Worker">The worker's name.</param>
/// <param name="Moves">What was moved.</param>
/// <param name="Endings">How what was replaced has ended; null when that was not waited for.</param>
public sealed record WorkerModuleChange(string Worker, IReadOnlyList<ModuleMove> Moves, IReadOnlyList<ModuleEnding>? Endings);
