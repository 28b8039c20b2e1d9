using Midstream.Core.Generations;

namespace Midstream.Supervisor.Workers;

/// <summary>What the supervisor holds of a process, from the process's start or from the supervisor before.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Release">The id of the release it was started from.</param>
/// <param name="StartedAt">When, UTC.</param>
/// <param name="Process">The process; the worker's from now on.</param>
/// <param name="OnGone">Called when the supervisor lets go of the process, which has ended.</param>
/// <param name="Past">What it has been through under the supervisor before; null when it is new.</param>
/// <param name="Modules">The set of modules it was given; null when it was given none, or by a supervisor before.</param>
internal sealed record WorkerBirth(
    WorkerName Name,
    string Release,
    DateTimeOffset StartedAt,
    IWorkerProcess Process,
    Action? OnGone = null,
    WorkerPast? Past = null,
    string? Modules = null);

/// <summary>What a worker has been through under the supervisor before.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="Capabilities">What it said it can do; null when it does not speak the worker protocol.</param>
/// <param name="ReadyInMs">From start to ready, in milliseconds; null when that is not known.</param>
/// <param name="HoldsLease">Whether its singular services run.</param>
/// <param name="IsPaused">Whether it is in service and accepts nothing because the service is paused.</param>
/// <param name="Slot">The slot it has; null when that is the one of its name.</param>
/// <param name="IsLeaseInDoubt">Whether its singular services may not run although it was told to run them.</param>
/// <param name="IsStateInDoubt">Whether it may not be in charge of its state although nobody else is.</param>
internal sealed record WorkerPast(
    GenerationState State,
    IReadOnlyList<string>? Capabilities,
    long? ReadyInMs,
    bool HoldsLease = false,
    bool IsPaused = false,
    int? Slot = null,
    bool IsLeaseInDoubt = false,
    bool IsStateInDoubt = false);
