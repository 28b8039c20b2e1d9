using System.Runtime.InteropServices;
using Midstream.Control.Workers;
using Midstream.Core.Configuration;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Deployments;

/// <summary>
/// One worker that takes over and one that lets go: the channel between them over which connections move where both can, and the
/// state that goes along.
/// </summary>
internal sealed class HandOverPair : IAsyncDisposable
{
    private readonly SafeHandle? _toHeir;
    private readonly SafeHandle? _toOld;
    private readonly StateHandOver? _state;

    /// <summary>Pairs two workers.</summary>
    /// <param name="old">Lets go; null when there is nobody.</param>
    /// <param name="heir">Takes over; null when nobody does, and connections are ended as their protocol announces.</param>
    /// <param name="state">The hand-over of their state, begun; owned by the pair. Null when none goes along.</param>
    public HandOverPair(Worker? old, Worker? heir, StateHandOver? state = null)
    {
        Old = old;
        Heir = heir;
        _state = state;
        if (old is { HandsOver: true } && heir is { HandsOver: true })
            (_toHeir, _toOld) = old.OpenChannel();
    }

    /// <summary>Gets the worker that lets go.</summary>
    public Worker? Old { get; }

    /// <summary>Gets the worker that takes over.</summary>
    public Worker? Heir { get; }

    /// <summary>Gets whether the heir's gate was opened.</summary>
    public bool IsActive { get; private set; }

    /// <summary>Gets how the state went over; null when none did.</summary>
    public StateHandedOverMessage? HandedOverState => _state?.HandedOver;

    /// <summary>Puts the heir in charge of the state and opens its gate. When this returns it accepts; when it throws, the old
    /// worker is in charge as before.</summary>
    /// <param name="isPaused">The service is paused: the gate stays closed.</param>
    /// <returns>A task that ends when it is in service.</returns>
    /// <exception cref="WorkerFailedException">It did not answer, or has no gate to be kept closed.</exception>
    public async Task ActivateAsync(bool isPaused)
    {
        if (Heir is null)
            return;
        if (_state is not null)
            await _state.TakeChargeAsync();
        await Switch.ActivateAsync(Heir, _toHeir, isPaused);
        IsActive = true;
    }

    /// <summary>Makes the old worker let go of its connections.</summary>
    /// <param name="service">The time limits.</param>
    /// <returns>What became of the connections; null when it cannot tell.</returns>
    public Task<DrainReport?> DrainAsync(ServiceModel service) =>
        Old is null ? Task.FromResult<DrainReport?>(null) : Switch.DrainAsync(Old, _toOld, service);

    /// <summary>Puts the old worker in charge of the state again, for the heir has failed; ends the heir.</summary>
    /// <returns>False when the old worker cannot go on.</returns>
    public async Task<bool> UndoStateAsync() => _state is null || await _state.UndoAsync();

    public async ValueTask DisposeAsync()
    {
        _toHeir?.Dispose();
        _toOld?.Dispose();
        if (_state is not null)
            await _state.DisposeAsync();
    }
}
