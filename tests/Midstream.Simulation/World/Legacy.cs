// What one program of a simulated supervisor leaves to the next in the same process, or to the guard that stands by.

using Midstream.Core.Configuration;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Workers;

namespace Midstream.Simulation.World;

/// <summary>What is wrong with a program that is to follow.</summary>
internal enum ProgramFlaw
{
    None,
    FailsItsTryOut,
    HangsInItsTryOut,
    FailsAtOnce,
    Hangs,
    Dies,
}

/// <summary>A worker that was left.</summary>
internal sealed record Inherited(SimulatedWorker Worker, WorkerPast Past);

/// <summary>Everything that was left, as in the estate of a real one; with the reason of the failure on the way back.</summary>
internal sealed record Legacy(
    IReadOnlyList<Inherited> Workers,
    ServiceModel Model,
    bool IsPaused,
    IReadOnlyList<string> Signals,
    long Deployments,
    long Restarts,
    Operator Asked,
    string? Failure = null);
