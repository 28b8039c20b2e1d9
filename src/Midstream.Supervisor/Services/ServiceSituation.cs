using Midstream.Supervisor.State;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Services;

/// <summary>
/// What is the case right now: the state on disk, the processes there are, and the problem an operator should know of. The
/// one mutable thing that operations share; only the operation that has the slot changes it.
/// </summary>
/// <remarks>Thread-safe. What is on disk is written before it is true here.</remarks>
/// <param name="directory">Where the state is kept.</param>
/// <param name="initial">The state found at the start.</param>
internal sealed class ServiceSituation(ServiceDirectory directory, ServiceState initial)
{
    private readonly Lock _lock = new();
    private ServiceState _state = initial;
    private Worker? _current;
    private Worker? _draining;
    private string? _problem;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets the state, as it is on disk.</summary>
    public ServiceState State
    {
        get
        {
            lock (_lock)
                return _state;
        }
    }

    /// <summary>Gets or sets the generation that serves; it may have died since.</summary>
    public Worker? Current
    {
        get
        {
            lock (_lock)
                return _current;
        }

        set
        {
            lock (_lock)
                _current = value;
            SignalChange();
        }
    }

    /// <summary>Gets or sets the generation that is letting go.</summary>
    public Worker? Draining
    {
        get
        {
            lock (_lock)
                return _draining;
        }

        set
        {
            lock (_lock)
                _draining = value;
        }
    }

    /// <summary>Gets or sets what an operator should look at.</summary>
    public string? Problem
    {
        get
        {
            lock (_lock)
                return _problem;
        }

        set
        {
            lock (_lock)
                _problem = value;
        }
    }

    /// <summary>Gets the generation that serves, if it is alive.</summary>
    public Worker? Serving => Current is { Exited.IsCompleted: false } alive ? alive : null;

    /// <summary>Gets a task that ends when <see cref="Current"/> is next set.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
                return _changed.Task;
        }
    }

    /// <summary>Changes the state on disk, then here.</summary>
    /// <param name="change">Makes the new state of the old.</param>
    /// <exception cref="IOException">It could not be written; nothing has changed.</exception>
    public void Write(Func<ServiceState, ServiceState> change)
    {
        lock (_lock)
        {
            var next = change(_state);
            next.Write(directory.StateFile);
            _state = next;
        }
    }

    /// <summary>Counts a generation. Not written by itself: a number that was used by a generation that never served may be
    /// used again after the supervisor's own restart.</summary>
    /// <returns>The number.</returns>
    public long NextGeneration()
    {
        lock (_lock)
        {
            _state = _state with { Generation = _state.Generation + 1 };
            return _state.Generation;
        }
    }

    private void SignalChange()
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }
}
