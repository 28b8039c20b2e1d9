using Midstream.Control.Operators;
using Midstream.Core.Deployments;
using Midstream.Supervisor.Deployments;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Services;

/// <summary>Who asked for an operation.</summary>
/// <param name="Name">The user's name; <see cref="Midstream"/> for what the supervisor does by itself.</param>
/// <param name="Uid">The user's id; null for the supervisor.</param>
internal sealed record Operator(string Name, uint? Uid)
{
    /// <summary>The supervisor itself.</summary>
    public static readonly Operator Midstream = new("midstream", null);
}

/// <summary>
/// One operation under way: what, for whom, since when, which phase; and the time each phase took.
/// </summary>
/// <param name="kind">The operation: <c>deploy</c>, <c>rollback</c>, <c>reload</c>, <c>scale</c>, <c>restart</c>,
/// <c>run</c>, <c>stop</c>.</param>
/// <param name="who">Who asked for it.</param>
/// <param name="onPhase">Told of each phase as it begins; null when nobody listens.</param>
/// <param name="time">Measures its phases.</param>
/// <param name="mayBeSuperseded">True for what the supervisor does by itself and an operator's wish goes before.</param>
internal sealed class Operation(
    string kind, Operator who, Action<PhaseEvent>? onPhase, TimeProvider time, bool mayBeSuperseded = false)
    : IPhaseProgress, IDisposable
{
    private readonly long _began = time.GetTimestamp();
    private readonly CancellationTokenSource _superseded = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PhaseDuration> _phases = [];
    private readonly List<Worker> _newWorkers = [];
    private DeploymentPhase _furthest;
    private bool _hasBegun;
    private bool _isCutShort;
    private long _phaseBegan = time.GetTimestamp();
    private string? _phaseName;

    public string Kind => kind;

    public Operator Who => who;

    public DateTimeOffset Since { get; } = time.GetUtcNow();

    /// <summary>Gets the phase it is in; the first before it has begun.</summary>
    public DeploymentPhase Phase { get; private set; } = DeploymentPhase.Store;

    /// <summary>Gets the name of the phase.</summary>
    public string PhaseName => _phaseName ?? PhaseNames.Of(Phase);

    /// <summary>Gets or sets the modules it is about; null when it is about the whole application.</summary>
    public string? Subject { get; set; }

    /// <summary>Gets the outcome of a failure: while no worker had let go the old generation has not noticed, afterwards the
    /// previous release returns.</summary>
    public string OutcomeOfFailure =>
        DeploymentLifecycle.Next(_furthest, DeploymentEvent.Failed).Outcome == DeploymentOutcome.RolledBack
            ? Outcomes.RolledBack : Outcomes.Failed;

    /// <summary>Gets the new workers whose processes were started so far.</summary>
    public IReadOnlyList<Worker> NewWorkers
    {
        get
        {
            lock (_phases)
                return [.. _newWorkers];
        }
    }

    /// <summary>Gets whether an operator's operation takes its place.</summary>
    public bool MayBeSuperseded => mayBeSuperseded;

    /// <summary>Gets a token that is cancelled when another operation takes its place.</summary>
    public CancellationToken Superseded => _superseded.Token;

    /// <summary>Gets a task that ends with the operation.</summary>
    public Task Ended => _ended.Task;

    public long ElapsedMs => (long)time.GetElapsedTime(_began).TotalMilliseconds;

    /// <summary>Gets the phases it has gone through, with their durations.</summary>
    public IReadOnlyList<PhaseDuration> Phases
    {
        get
        {
            lock (_phases)
                return [.. _phases];
        }
    }

    public void Enter(DeploymentPhase phase, string? detail = null)
    {
        EndPhase();
        (Phase, _phaseName) = (phase, null);
        // Worker by worker, the phases come round again.
        _furthest = phase > _furthest ? phase : _furthest;
        _hasBegun = true;
        onPhase?.Invoke(new PhaseEvent(PhaseName, ElapsedMs, detail));
    }

    /// <summary>A phase begins that no deployment of an application has.</summary>
    /// <param name="phase">Its name.</param>
    /// <param name="detail">What a person wants to know of it; null when there is nothing to say.</param>
    public void Enter(string phase, string? detail = null)
    {
        EndPhase();
        _phaseName = phase;
        _hasBegun = true;
        onPhase?.Invoke(new PhaseEvent(PhaseName, ElapsedMs, detail));
    }

    public void Launched(Worker worker)
    {
        lock (_phases)
        {
            _newWorkers.Add(worker);
            if (!_isCutShort)
                return;
        }

        _ = worker.KillAsync();
    }

    /// <summary>Kills the workers it has started, and those that it is about to start.</summary>
    /// <returns>A task that ends when those it has started are gone.</returns>
    public Task CutShortAsync()
    {
        lock (_phases)
        {
            _isCutShort = true;
            return Task.WhenAll(_newWorkers.Select(worker => worker.KillAsync()).ToList());
        }
    }

    public void Supersede()
    {
        try
        {
            _superseded.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended at this very moment, which is what was wanted.
        }
    }

    public void End()
    {
        EndPhase();
        _ended.TrySetResult();
    }

    public void Dispose() => _superseded.Dispose();

    private void EndPhase()
    {
        lock (_phases)
        {
            if (_hasBegun)
                _phases.Add(new PhaseDuration(PhaseName, (long)time.GetElapsedTime(_phaseBegan).TotalMilliseconds));
            _phaseBegan = time.GetTimestamp();
        }
    }
}
