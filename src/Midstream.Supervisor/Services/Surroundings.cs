using Midstream.Releases;
using Midstream.Supervisor.Counters;
using Midstream.Supervisor.Modules;
using Midstream.Supervisor.Requests;
using Midstream.Supervisor.Signals;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.State;
using Midstream.Supervisor.Systemd;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Services;

/// <summary>
/// All that a service's decisions reach the world by. Behind each there is a machine, or a test's idea of one; nothing that
/// decides knows which.
/// </summary>
internal sealed record Surroundings
{
    /// <summary>Gets what is configured.</summary>
    public required ServiceSettings Settings { get; init; }

    /// <summary>Gets the state that was found, and where it is kept.</summary>
    public required ServiceSituation Situation { get; init; }

    /// <summary>Gets the record of who changed what.</summary>
    public required ILedger Ledger { get; init; }

    /// <summary>Gets the file with the supervisor's process id; null when nobody keeps one.</summary>
    public PidFile? PidFile { get; init; }

    /// <summary>Gets the releases there are.</summary>
    public required IReleaseStore Store { get; init; }

    /// <summary>Gets what starts workers.</summary>
    public required IWorkerLauncher Launcher { get; init; }

    /// <summary>Gets what asks them over HTTP.</summary>
    public required IGenerationClients Clients { get; init; }

    /// <summary>Gets the listening sockets.</summary>
    public required ListenerSet Listeners { get; init; }

    /// <summary>Gets what tells the service manager of reloads.</summary>
    public required ReloadNotice Reloads { get; init; }

    /// <summary>Gets the workers' signs of life.</summary>
    public required LivenessWatch Watch { get; init; }

    /// <summary>Gets what writes down that a worker that was started without a slot has one; throws IOException when it
    /// cannot.</summary>
    public Action<WorkerName, int> OnAssigned { get; init; } = static (_, _) => { };

    /// <summary>Gets what is told of a worker that hangs, and of how it was found.</summary>
    public required Action<Worker, string> OnHung { get; init; }

    /// <summary>Gets the packages of modules and the set that is to be loaded; null when there are none to be.</summary>
    public ModuleShelf? Modules { get; init; }

    /// <summary>Gets the wishes that the supervisor stop.</summary>
    public required StopWishes Wishes { get; init; }

    /// <summary>Gets the clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Gets who is told of everything.</summary>
    public required ISupervisorObserver Observer { get; init; }
}
