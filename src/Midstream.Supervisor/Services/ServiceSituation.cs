using Midstream.Supervisor.State;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Services;

/// <summary>
/// What is the case right now: the state on disk, the processes there are, and the problem an operator should know of. The
/// one mutable thing that operations share; only the operation that has the slot changes it.
/// </summary>
/// <remarks>Thread-safe. What is on disk is written before it is true here.</remarks>
/// <param name="file">Where the state is kept.</param>
/// <param name="initial">The state found at the start.</param>
internal sealed class ServiceSituation(IStateFile file, ServiceState initial)
{
    private readonly Lock _lock = new();
    private ServiceState _state = initial;
    private string? _problem;
    private volatile bool _isPaused;

    /// <summary>Gets the workers.</summary>
    public WorkerPool Pool { get; } = new();

    /// <summary>Gets the state, as it is on disk.</summary>
    public ServiceState State
    {
        get
        {
            lock (_lock)
                return _state;
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
