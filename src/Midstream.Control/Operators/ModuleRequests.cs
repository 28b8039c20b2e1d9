using Midstream.Core.Modules;

namespace Midstream.Control.Operators;

// What an operator asks of a service's modules: parts of its application that are replaced inside the running workers.

/// <summary>Asks what modules there are; answered by one <see cref="ModulesEvent"/>.</summary>
/// <param name="Module">One module's name; null for all.</param>
/// <param name="Tracer">A process that is about to look into the workers as a debugger does, itself or by a child: they let it;
/// null for none.</param>
public sealed record ModulesRequest(string? Module = null, int? Tracer = null) : OperatorRequest;

/// <summary>Puts packages in the place of what serves in their slots, in every worker.</summary>
/// <param name="Folders">The packages, absolute paths on the supervisor's machine; they move together.</param>
/// <param name="Unwatched">Whether there is no probation, as for a developer who is about to send the next one.</param>
public sealed record ModuleDeployRequest(IReadOnlyList<string> Folders, bool Unwatched = false) : OperatorRequest;

/// <summary>Puts the package that served before in the place of the one that serves.</summary>
/// <param name="Module">The module's name.</param>
public sealed record ModuleRollbackRequest(string Module) : OperatorRequest;

/// <summary>Takes a module away.</summary>
/// <param name="Module">The module's name.</param>
public sealed record ModuleRemoveRequest(string Module) : OperatorRequest;

/// <summary>Lets a package serve a part of the requests, beside what serves in its slot. One that does so already gets another
/// rule.</summary>
/// <param name="Folder">The package, an absolute path on the supervisor's machine; null for the canary that there is.</param>
/// <param name="Rule">Which requests go to it.</param>
/// <param name="Module">The name of the module whose canary gets another rule; null with a folder.</param>
public sealed record ModuleCanaryRequest(string? Folder, CanaryRule Rule, string? Module = null) : OperatorRequest;

/// <summary>Lets a canary take over.</summary>
/// <param name="Module">The module's name.</param>
public sealed record ModulePromoteRequest(string Module) : OperatorRequest;
