using System.Reflection;
using Midstream.Control.Operators;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Services;

/// <summary>Describes the service for <c>midstream status</c>.</summary>
internal sealed class StatusReport(
    string name, ListenerSet listeners, ServiceSituation situation, OperationSlot slot, Service service, CrashWatch crashes)
{
    private readonly DateTimeOffset _startedAt = DateTimeOffset.UtcNow;

    /// <summary>Gets this program's version.</summary>
    public static string Version { get; } =
        typeof(StatusReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Describes the service as it is now.</summary>
    /// <returns>The description.</returns>
    public ServiceStatus Describe()
    {
        var operation = slot.Current;
        var state = situation.State;
        return new ServiceStatus(
            name,
            StateOf(operation),
            new SupervisorStatus(Environment.ProcessId, Version, _startedAt, service.Deployments, crashes.Restarts),
            [.. listeners.All.Select(listener => listener.Url)],
            state.Current,
            state.Previous,
            state.Committed,
            Generations(operation),
            operation is null ? null : new OperationStatus(operation.Kind, operation.Who.Name, operation.Since, operation.Phase),
            situation.Problem);
    }

    private string StateOf(Operation? operation) => operation?.Kind switch
    {
        "stop" => "stopping",
        "run" => "starting",
        "restart" => "restarting",
        null => situation.Serving is null ? "down" : "serving",
        _ => "replacing",
    };

    private List<GenerationStatus> Generations(Operation? operation)
    {
        var current = situation.Current;
        var starting = operation?.NewWorker;
        var generations = new List<GenerationStatus>();
        if (starting is { Exited.IsCompleted: false } && starting != current)
            generations.Add(Describe(starting, starting.SaidReady.IsCompleted ? "ready" : "starting"));
        if (current is { Exited.IsCompleted: false })
            generations.Add(Describe(current, "serving"));
        if (situation.Draining is { Exited.IsCompleted: false } draining && draining != current)
            generations.Add(Describe(draining, "draining"));
        return generations;
    }

    private static GenerationStatus Describe(Worker worker, string state) => new(
        worker.Generation, worker.Release, state, worker.Pid, worker.StartedAt, worker.ReadyInMs, worker.SpeaksMidstream);
}
