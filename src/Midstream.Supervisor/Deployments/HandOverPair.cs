using Midstream.Control.Workers;
using Midstream.Core.Configuration;
using Midstream.Linux;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Deployments;

/// <summary>
/// One worker that takes over and one that lets go, with the channel between them over which connections move where both can.
/// </summary>
internal sealed class HandOverPair : IDisposable
{
    private readonly FileDescriptor? _toHeir;
    private readonly FileDescriptor? _toOld;

    /// <summary>Pairs two workers.</summary>
    /// <param name="old">Lets go; null when there is nobody.</param>
    /// <param name="heir">Takes over; null when nobody does, and connections are ended as their protocol announces.</param>
    public HandOverPair(Worker? old, Worker? heir)
    {
        Old = old;
        Heir = heir;
        if (old is { HandsOver: true } && heir is { HandsOver: true })
            (_toHeir, _toOld) = SeqPacketChannel.CreateDescriptorPair();
    }

    /// <summary>Gets the worker that lets go.</summary>
    public Worker? Old { get; }

    /// <summary>Gets the worker that takes over.</summary>
    public Worker? Heir { get; }

    /// <summary>Opens the heir's gate. When this returns it accepts; when it throws, nothing has changed.</summary>
    /// <returns>A task that ends when it accepts.</returns>
    /// <exception cref="WorkerFailedException">It did not answer.</exception>
    public Task ActivateAsync() => Heir is null ? Task.CompletedTask : Switch.ActivateAsync(Heir, _toHeir);

    /// <summary>Makes the old worker let go of its connections.</summary>
    /// <param name="service">The time limits.</param>
    /// <returns>What became of the connections; null when it cannot tell.</returns>
    public Task<DrainReport?> DrainAsync(ServiceModel service) =>
        Old is null ? Task.FromResult<DrainReport?>(null) : Switch.DrainAsync(Old, _toOld, service);

    public void Dispose()
    {
        _toHeir?.Dispose();
        _toOld?.Dispose();
    }
}
