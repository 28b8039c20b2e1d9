using Midstream.Supervisor.State;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Services;

/// <summary>
/// What is the case right now: the state on disk, the processes there are, and the problem an operator should know of. The
/// one mutable thing that operations share; only the operation that has the slot changes it.
/// </summary>
/// <remarks>Thread-safe. What is about to be the case is on disk before it is true here; what is the case already is true here,
/// and on disk as soon as the disk takes it.</remarks>
/// <param name="file">Where the state is kept.</param>
/// <param name="initial">The state found at the start.</param>
internal sealed class ServiceSituation(IStateFile file, ServiceState initial)
{
    private readonly Lock _lock = new();
    private ServiceState _state = initial;
    private string? _problem;
    private volatile bool _isPaused;
    private bool _isOwed;
    private string? _whyOwed;

    /// <summary>Gets the workers.</summary>
    public WorkerPool Pool { get; } = new();

    /// <summary>Gets the state.</summary>
    public ServiceState State
    {
        get
        {
            lock (_lock)
                return _state;
        }
    }

    /// <summary>Gets or sets what an operator should look at. That the state is not on disk is a problem for as long as it is
    /// the case.</summary>
    public string? Problem
    {
        get
        {
            lock (_lock)
                return _problem ?? _whyOwed;
        }

        set
        {
            lock (_lock)
                _problem = value;
        }
    }

    /// <summary>Gets or sets whether the workers accept nothing at an operator's wish. Whoever is started meanwhile accepts
    /// nothing either.</summary>
    public bool IsPaused
    {
        get => _isPaused;
        set => _isPaused = value;
    }

    /// <summary>Gets the newest worker that serves; null when none does.</summary>
    public Worker? Serving => Pool.Serving.MaxBy(worker => worker.Generation);

    /// <summary>Says whether every worker that serves is of one release.</summary>
    /// <param name="release">The release's id.</param>
    /// <returns>True when there is a worker and all are of that release.</returns>
    public bool Serves(string release)
    {
        var serving = Pool.Serving;
        return serving.Count > 0 && serving.All(worker => worker.Release == release);
    }

    /// <summary>Gets the number of workers there are to be: as scaled live, else as configured.</summary>
    /// <param name="settings">The configuration.</param>
    /// <returns>At least 1.</returns>
    public int WorkerCount(ServiceSettings settings) => State.Workers ?? settings.WorkerCount;

    /// <summary>Gets the slots that have no living worker though they should.</summary>
    /// <param name="settings">The configuration.</param>
    /// <returns>The slots, ascending.</returns>
    public IReadOnlyList<int> EmptySlots(ServiceSettings settings) => [.. Enumerable.Range(1, WorkerCount(settings))
        .Where(slot => Pool.In(slot) is not { Exited.IsCompleted: false })];

    /// <summary>Changes the state on disk, then here.</summary>
    /// <param name="change">Makes the new state of the old.</param>
    /// <exception cref="IOException">It could not be written; nothing has changed.</exception>
    public void Write(Func<ServiceState, ServiceState> change)
    {
        lock (_lock)
        {
            var next = change(_state);
            file.Write(next);
            _state = next;
            (_isOwed, _whyOwed) = (false, null);
        }
    }

    /// <summary>Takes down what is the case already, whether the disk takes it or not; when it does not, it is written
    /// later.</summary>
    /// <param name="change">Makes the new state of the old.</param>
    /// <returns>Why it could not be written; null when it was.</returns>
    public IOException? Settle(Func<ServiceState, ServiceState> change)
    {
        lock (_lock)
        {
            _state = change(_state);
            _isOwed = true;
        }

        return WriteOwed();
    }

    /// <summary>Writes what could not be written before. Does nothing when there is nothing.</summary>
    /// <returns>Why it still cannot be; null when nothing is owed any more.</returns>
    public IOException? WriteOwed()
    {
        lock (_lock)
        {
            try
            {
                if (_isOwed)
                    file.Write(_state);
                (_isOwed, _whyOwed) = (false, null);
                return null;
            }
            catch (IOException unwritten)
            {
                _whyOwed = $"The state could not be written: {unwritten.Message}";
                return unwritten;
            }
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
}
