using Midstream.Control.Operators;

namespace Midstream.Supervisor.Metrics;

/// <summary>The service at the moment its metrics are read.</summary>
/// <param name="Service">The service's name.</param>
/// <param name="Release">The id of the release that serves; null when none does.</param>
/// <param name="Version">The supervisor's version.</param>
/// <param name="Totals">The counts over all workers there ever were.</param>
/// <param name="Workers">The living workers' last reports.</param>
/// <param name="Deployments">Operations that ended in a commit since the supervisor's start.</param>
/// <param name="Restarts">Workers restarted after a crash since the supervisor's start.</param>
/// <param name="HungWorkers">Workers found hung since the supervisor's start.</param>
internal sealed record MetricsSnapshot(
    string Service,
    string? Release,
    string Version,
    ServiceCountersStatus Totals,
    IReadOnlyList<WorkerCountersStatus> Workers,
    long Deployments,
    long Restarts,
    long HungWorkers);
