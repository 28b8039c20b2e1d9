using Midstream.Control.Workers;
using Midstream.Core.Generations;
using Midstream.Supervisor.Requests;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Reserves;

// A worker in the reserve | how it comes in               | how it leaves
// ------------------------+-------------------------------+---------------------------------------------------------
// the standby             | StandbyKeeper, in background  | taken for whichever slot needs a worker; no longer fitting;
//                         |                               | dead; the supervisor ends or becomes another program
// a prepared one          | Preparation, an operation     | taken for its slot; another deployment; its time is over;
//                         |                               | cancelled; the rest as above

/// <summary>
/// The workers that are started and serve nobody: proven, warm, behind closed gates. Whoever needs a worker asks here first. A
/// worker that was taken is the taker's, to put in its slot or to end.
/// </summary>
/// <remarks>Thread-safe. A worker in the reserve is in no slot of the pool, and holds no lease.</remarks>
internal sealed class Reserve(
    ServiceSettings settings,
    ListenerSet listeners,
    IGenerationClients clients,
    Action<WorkerName, int> onAssigned,
    ISupervisorObserver observer,
    Func<string?>? modules = null)
{
    // Who was well when it came in and does not answer at once now is not what somebody in a hurry should take.
    private static readonly TimeSpan s_answerTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_stopTime = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly List<Reservist> _waiting = [];
    private readonly List<Worker> _starting = [];
    private TaskCompletionSource _changed = NewSignal();
    private volatile string? _problem;
    private bool _closed;

    /// <summary>Gets the workers that wait.</summary>
    public IReadOnlyList<Reservist> Waiting
    {
        get
        {
            lock (_lock)
                return [.. _waiting];
        }
    }

    /// <summary>Gets the workers that are being started to wait.</summary>
    public IReadOnlyList<Worker> Starting
    {
        get
        {
            lock (_lock)
                return [.. _starting];
        }
    }

    /// <summary>Gets a task that ends when a worker next comes or leaves.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
                return _changed.Task;
        }
    }

    /// <summary>Gets or sets why there is no standby though there should be one; null when all is well.</summary>
    public string? Problem
    {
        get => _problem;
        set => _problem = value;
    }

    /// <summary>Counts the workers that would be given for any slot.</summary>
    /// <param name="release">The release.</param>
    /// <returns>The number; whether each answers shows when it is taken.</returns>
    public int CountFor(string? release) => Waiting.Count(waiting => waiting.IsStandby && IsFitting(waiting, release));

    /// <summary>Says whether a worker in the reserve is what would be started now.</summary>
    /// <param name="waiting">The worker.</param>
    /// <param name="release">The release.</param>
    public bool IsFitting(Reservist waiting, string? release) =>
        waiting.Fits(release, settings.Model, listeners.All) && waiting.Worker.Modules == modules?.Invoke();

    /// <summary>Takes a worker out for a slot, its own before the standby.</summary>
    /// <param name="slot">The slot, from 1.</param>
    /// <param name="release">The release.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>A worker that answers and has the slot; null when there is none.</returns>
    /// <exception cref="OperationCanceledException">It was given up; who had been taken out is gone.</exception>
    public async Task<Reservist?> TakeAsync(int slot, string release, CancellationToken cancellationToken)
    {
        while (TryRemove(slot, release) is { } waiting)
        {
            try
            {
                if (await FindFaultAsync(waiting, cancellationToken) is not { } fault)
                    return Assign(waiting, slot);
                observer.Warning("ReserveUnfit", $"Worker {waiting.Worker.Name} (process {waiting.Worker.Pid}) waited to take " +
                    $"over and cannot: {fault} Another is started.");
            }
            catch
            {
                await EndAsync(waiting);
                throw;
            }

            await EndAsync(waiting);
        }

        return null;
    }

    /// <summary>Takes note of a worker that is being started to wait.</summary>
    /// <param name="worker">The worker.</param>
    public void Begin(Worker worker)
    {
        lock (_lock)
            _starting.Add(worker);
    }

    /// <summary>Takes note that a worker did not come so far as to wait.</summary>
    /// <param name="worker">The worker.</param>
    public void Forget(Worker worker)
    {
        lock (_lock)
            _starting.Remove(worker);
    }

    /// <summary>Lets workers wait, all of them or none.</summary>
    /// <param name="waiting">The workers.</param>
    /// <returns>False when the reserve is closed; the workers are the caller's to end.</returns>
    public bool TryPut(IReadOnlyList<Reservist> waiting)
    {
        lock (_lock)
        {
            if (_closed)
                return false;
            _starting.RemoveAll(worker => waiting.Any(one => one.Worker == worker));
            _waiting.AddRange(waiting);
            SignalChange_NeedsLock();
            return true;
        }
    }

    /// <summary>Ends workers that wait. Who has been taken out meanwhile is left alone.</summary>
    /// <param name="waiting">The workers.</param>
    /// <returns>A task that ends when they are gone.</returns>
    public async Task EndAsync(IReadOnlyList<Reservist> waiting)
    {
        List<Reservist> mine;
        lock (_lock)
        {
            mine = [.. waiting.Where(_waiting.Remove)];
            if (mine.Count > 0)
                SignalChange_NeedsLock();
        }

        await Task.WhenAll(mine.Select(EndAsync));
    }

    /// <summary>Ends all that wait, and lets nobody in any more.</summary>
    /// <returns>A task that ends when they are gone.</returns>
    public Task CloseAsync()
    {
        lock (_lock)
            _closed = true;
        return EndAsync(Waiting);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Reservist? TryRemove(int slot, string release)
    {
        lock (_lock)
        {
            var found = _waiting
                .Where(waiting => (waiting.IsStandby || waiting.Worker.Slot == slot) && IsFitting(waiting, release))
                .OrderBy(waiting => waiting.IsStandby).FirstOrDefault();
            if (found is not null && _waiting.Remove(found))
                SignalChange_NeedsLock();
            return found;
        }
    }

    private async Task<string?> FindFaultAsync(Reservist waiting, CancellationToken cancellationToken)
    {
        if (waiting.IsProven && settings.Model.Health is { } health)
        {
            using var client = clients.Of(waiting.Worker);
            return await new HealthCheck(client, health, waiting.Worker.Time).FindFaultAsync(cancellationToken);
        }

        using var patience = new Patience(s_answerTime, waiting.Worker.Time, cancellationToken);
        try
        {
            await waiting.Worker.AskAsync<IdentityMessage>(new IdentifyMessage(WithDescriptors: false), [], patience.Token);
            return null;
        }
        catch (Exception silent) when (
            silent is IOException || (silent is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return $"it does not answer within {s_answerTime.TotalSeconds:0} s.";
        }
    }

    // The entry counts for a supervisor that takes over: without it that one would look for another worker for the slot.
    private Reservist Assign(Reservist waiting, int slot)
    {
        if (waiting.Worker.Slot == slot)
            return waiting;
        waiting.Worker.Assign(slot);
        try
        {
            onAssigned(waiting.Worker.Name, slot);
        }
        catch (IOException unwritten)
        {
            observer.Warning("SlotNotWritten", $"That worker {waiting.Worker.Name} has slot {slot} could not be written: " +
                unwritten.Message);
        }

        return waiting;
    }

    private async Task EndAsync(Reservist waiting)
    {
        var (worker, stop) = (waiting.Worker, settings.Model.Stop);
        // An application that has not started cannot stop in order either.
        if (worker.State == GenerationState.Ready)
            await worker.StopAsync(stop.Signal, stop.Timeout < s_stopTime ? stop.Timeout : s_stopTime);
        else
            await worker.KillAsync();
        await worker.DisposeAsync();
    }

    private void SignalChange_NeedsLock()
    {
        _changed.TrySetResult();
        _changed = NewSignal();
    }
}
