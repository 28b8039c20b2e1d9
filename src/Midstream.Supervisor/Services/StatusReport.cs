using System.Reflection;
using Midstream.Control.Operators;
using Midstream.Core.Generations;
using Midstream.Supervisor.Deployments;
using Midstream.Supervisor.Metrics;
using Midstream.Supervisor.Modules;
using Midstream.Supervisor.Reserves;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.Succession;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Services;

/// <summary>Describes the service for <c>midstream status</c>.</summary>
internal sealed class StatusReport(
    string name,
    ListenerSet listeners,
    ServiceSituation situation,
    OperationSlot slot,
    Service service,
    Upkeep upkeep,
    ServiceSettings settings,
    Telemetry telemetry,
    LeaseHolder lease,
    Reserve reserve,
    Preparation preparation,
    Estate? estate,
    ModuleOverview modules)
{
    /// <summary>Gets when the supervisor was started, whatever programs it has been since, UTC.</summary>
    public DateTimeOffset StartedAt { get; } = estate?.StartedAt ?? DateTimeOffset.UtcNow;

    /// <summary>Gets the number of times that it became another program since then.</summary>
    public long Upgrades { get; } = estate?.Upgrades ?? 0;

    /// <summary>Gets this program's version.</summary>
    public static string Version { get; } =
        typeof(StatusReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? "unknown";

    /// <summary>Describes the service as it is now.</summary>
    /// <returns>The description.</returns>
    public async Task<ServiceStatus> DescribeAsync()
    {
        var there = await modules.DescribeAsync();
        var operation = slot.Current;
        var state = situation.State;
        return new ServiceStatus(
            name,
            StateOf(operation),
            new SupervisorStatus(Environment.ProcessId, Version, StartedAt, service.Deployments, upkeep.Restarts, Upgrades),
            [.. listeners.All.Select(listener => listener.Url)],
            state.Current,
            state.Previous,
            state.Committed,
            situation.WorkerCount(settings),
            Workers(operation),
            operation is null
                ? null : new OperationStatus(operation.Kind, operation.Who.Name, operation.Since, operation.PhaseName),
            situation.Problem,
            telemetry.Counters.Totals(),
            DescribeReserve(),
            there);
    }

    /// <summary>Describes the service for whoever collects metrics.</summary>
    /// <returns>The description.</returns>
    public MetricsSnapshot Measure() => new(
        name,
        situation.State.Current,
        Version,
        telemetry.Counters.Totals(),
        telemetry.Counters.Workers(),
        service.Deployments,
        upkeep.Restarts,
        telemetry.Hung);

    private string StateOf(Operation? operation) => operation?.Kind switch
    {
        "stop" => "stopping",
        "run" => "starting",
        "restart" => "restarting",
        "prepare" or "discard" when situation.Serving is not null => situation.IsPaused ? "paused" : "serving",
        null => situation.Serving is null ? "down" : situation.IsPaused ? "paused" : "serving",
        _ => "replacing",
    };

    private List<WorkerStatus> Workers(Operation? operation) =>
        [.. new[] { operation?.NewWorkers ?? [], situation.Pool.Workers, situation.Pool.LettingGo }
            .SelectMany(workers => workers)
            .Where(worker => worker.State != GenerationState.Ended)
            .Distinct()
            .OrderByDescending(worker => worker.Generation).ThenBy(worker => worker.Slot)
            .Select(Describe)];

    private ReserveStatus? DescribeReserve()
    {
        var (waiting, starting, prepared) = (reserve.Waiting, reserve.Starting, preparation.Release);
        if (waiting.Count + starting.Count == 0 && reserve.Problem is null)
            return null;
        return new ReserveStatus(
            [
                .. waiting.Select(one => Describe(one.Worker) with { State = "waiting" }),
                .. starting.Select(worker => Describe(worker) with { State = "starting" }),
            ],
            prepared,
            prepared is null ? null : (long)preparation.Left.TotalMilliseconds,
            reserve.Problem);
    }

    private WorkerStatus Describe(Worker worker) => new(
        $"{worker.Name}",
        worker.Generation,
        worker.Slot,
        worker.Release,
        NameOf(worker.State),
        worker.Pid,
        worker.StartedAt,
        worker.ReadyInMs,
        worker.HandsOver,
        lease.Holder == worker,
        telemetry.Counters.Workers().FirstOrDefault(counted => counted.Worker == $"{worker.Name}"));

    private static string NameOf(GenerationState state) => state switch
    {
        GenerationState.Starting => "starting",
        GenerationState.Ready => "ready",
        GenerationState.Serving => "serving",
        GenerationState.Draining => "draining",
        GenerationState.Stopping => "stopping",
        _ => "ended",
    };
}
