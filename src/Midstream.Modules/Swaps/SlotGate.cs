using System.Diagnostics.CodeAnalysis;

namespace Midstream.Modules.Swaps;

/// <summary>Lets one operation at a time at a slot. One more may wait, and it is the latest: who comes ends the wait of who
/// waited before, and tells who is at work that something newer is wanted.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A turn belongs to whoever was given it.")]
internal sealed class SlotGate
{
    private readonly Lock _lock = new();
    private SlotTurn? _running;
    private TaskCompletionSource<SlotTurn?>? _waiting;

    /// <summary>Waits for the turn.</summary>
    /// <returns>The turn, to be disposed of at its end; null when a later operation has taken this one's place.</returns>
    public Task<SlotTurn?> EnterAsync()
    {
        lock (_lock)
        {
            if (_running is null)
                return Task.FromResult<SlotTurn?>(_running = new SlotTurn(this));
            _running.Supersede();
            _waiting?.TrySetResult(null);
            _waiting = new TaskCompletionSource<SlotTurn?>(TaskCreationOptions.RunContinuationsAsynchronously);
            return _waiting.Task;
        }
    }

    internal void Leave()
    {
        lock (_lock)
        {
            _running = _waiting is null ? null : new SlotTurn(this);
            _waiting?.TrySetResult(_running);
            _waiting = null;
        }
    }
}

/// <summary>The right to change a slot.</summary>
internal sealed class SlotTurn(SlotGate gate) : IDisposable
{
    private readonly CancellationTokenSource _superseded = new();

    /// <summary>Gets a token that is cancelled when a later operation waits.</summary>
    public CancellationToken Superseded => _superseded.Token;

    // The source has no timer, so there is nothing of it to dispose of; and it may just be being cancelled.
    public void Dispose() => gate.Leave();

    // On another thread: whoever is called back must not run under the gate's lock.
    internal void Supersede() => _ = _superseded.CancelAsync();
}
