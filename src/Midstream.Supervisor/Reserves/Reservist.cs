using Midstream.Core.Configuration;
using Midstream.Core.Reserves;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Reserves;

/// <summary>A worker that waits behind its closed gate.</summary>
/// <param name="Worker">The worker. Its slot is 0 when it waits for whichever slot needs it first: it is the standby.</param>
/// <param name="Model">The configuration it was started under.</param>
/// <param name="Sockets">The sockets it has.</param>
/// <param name="IsProven">Whether it is ready, healthy and warm. One that takes state over is not: its application starts when
/// it has imported what the worker before it has to give.</param>
internal sealed record Reservist(Worker Worker, ServiceModel Model, IReadOnlyList<Listener> Sockets, bool IsProven)
{
    /// <summary>Gets whether it waits for no slot in particular.</summary>
    public bool IsStandby => Worker.Slot == 0;

    /// <summary>Says whether it is what would be started now.</summary>
    /// <param name="release">The release that would be.</param>
    /// <param name="model">The configuration as it is now.</param>
    /// <param name="sockets">The sockets as they are now.</param>
    /// <returns>True when it lives and does.</returns>
    public bool Fits(string? release, ServiceModel model, IReadOnlyList<Listener> sockets) =>
        !Worker.Exited.IsCompleted
        && Worker.Release == release
        && Sockets.SequenceEqual(sockets)
        && WorkerMould.IsSame(Model, model);
}
