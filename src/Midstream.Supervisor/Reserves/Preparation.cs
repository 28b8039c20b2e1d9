using Midstream.Releases;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Reserves;

/// <summary>
/// A deployment up to the switch: a worker of the release for each slot, proven and warm, waits in the reserve until the
/// deployment of the same release takes it, or another is deployed, or the time is over.
/// </summary>
/// <param name="settings">How long they wait, and how many there are.</param>
/// <param name="situation">Counts generations.</param>
/// <param name="slot">While an operation is under way, nobody is ended: it may be about to take them.</param>
/// <param name="reserve">Where they wait.</param>
/// <param name="starter">Starts them.</param>
/// <param name="time">Measures how long they wait; a clock that is set does not count.</param>
/// <param name="observer">Told of their end.</param>
internal sealed class Preparation(
    ServiceSettings settings,
    ServiceSituation situation,
    OperationSlot slot,
    Reserve reserve,
    ReserveStarter starter,
    TimeProvider time,
    ISupervisorObserver observer)
{
    private long _since;

    /// <summary>Gets the release that is prepared; null when none is.</summary>
    public string? Release => Waiting is [var first, ..] ? first.Worker.Release : null;

    /// <summary>Gets how long it will still wait; zero when its time is over.</summary>
    public TimeSpan Left
    {
        get
        {
            var left = settings.Model.Prepare.Wait - time.GetElapsedTime(Interlocked.Read(ref _since));
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    private IReadOnlyList<Reservist> Waiting => [.. reserve.Waiting.Where(waiting => !waiting.IsStandby)];

    /// <summary>Prepares a release. What was prepared before and is still as it should be waits on, for the whole time
    /// again.</summary>
    /// <param name="release">The release.</param>
    /// <param name="operation">Told of the phases.</param>
    /// <param name="givenUp">Gives it up.</param>
    /// <returns>A task that ends when a worker waits for each slot.</returns>
    /// <exception cref="WorkerFailedException">One of them could not come so far; none waits.</exception>
    /// <exception cref="OperationCanceledException">It was given up; none waits.</exception>
    public async Task RunAsync(StoredRelease release, Operation operation, CancellationToken givenUp)
    {
        var slots = Enumerable.Range(1, situation.WorkerCount(settings)).ToList();
        await reserve.EndAsync([.. Waiting.Where(waiting =>
            !reserve.IsFitting(waiting, release.Id) || !slots.Contains(waiting.Worker.Slot))]);
        var generation = situation.NextGeneration();
        WorkerName[] missing = [.. slots.Except(Waiting.Select(waiting => waiting.Worker.Slot))
            .Select(number => new WorkerName(generation, number))];
        Interlocked.Exchange(ref _since, time.GetTimestamp());
        try
        {
            if (missing.Length > 0)
                await starter.StartAsync(missing, release, operation, givenUp);
        }
        catch
        {
            await DiscardAsync();
            throw;
        }

        Interlocked.Exchange(ref _since, time.GetTimestamp());
    }

    /// <summary>Ends what is prepared of other releases: theirs is not the deployment that comes.</summary>
    /// <param name="release">The release that is deployed.</param>
    /// <returns>A task that ends when they are gone.</returns>
    public async Task DiscardOthersAsync(string release)
    {
        if (Release is { } other && other != release)
            await DiscardAsync($"release {release} is deployed");
    }

    /// <summary>Ends what is prepared.</summary>
    /// <param name="why">Why, when somebody may have counted on it.</param>
    /// <returns>The number of workers that are gone.</returns>
    public async Task<int> DiscardAsync(string? why = null)
    {
        var waiting = Waiting;
        if (waiting.Count > 0 && why is not null)
            observer.Warning("PreparedDiscarded", $"What was prepared of release {Release} is ended: {why}.");
        await reserve.EndAsync(waiting);
        return waiting.Count;
    }

    /// <summary>Ends what is prepared when its time is over or it is no longer what would be deployed, until the supervisor
    /// stops.</summary>
    /// <param name="stopping">The supervisor stops.</param>
    /// <returns>A task that ends then. Who waits in the reserve still waits there.</returns>
    public async Task WatchAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
                await WatchOnceAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The reserve is closed by who stops.
        }
    }

    private async Task WatchOnceAsync(CancellationToken stopping)
    {
        // Taken before anything is looked at. A reload may change what fits, and how long they wait: it changes the pool.
        var changed = Task.WhenAny(reserve.Changed, situation.Pool.Changed);
        if (slot.Current is { } operation)
        {
            await operation.Ended.WaitAsync(stopping);
            return;
        }

        var waiting = Waiting;
        if (waiting.Count == 0)
            await changed.WaitAsync(stopping);
        else if (waiting.FirstOrDefault(one => one.Worker.Exited.IsCompleted) is { } dead)
            await BuryAsync(dead);
        else if (waiting.Any(one => !reserve.IsFitting(one, one.Worker.Release)))
            await DiscardAsync("the configuration has changed what a worker is started with");
        else if (Left == TimeSpan.Zero)
            await DiscardAsync($"it has waited for {settings.Model.Prepare.Wait.TotalSeconds:0} s (prepare.wait_ms)");
        else
            await WaitAsync(waiting, changed, stopping);
    }

    private async Task WaitAsync(IReadOnlyList<Reservist> waiting, Task changed, CancellationToken stopping)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        // A timer cuts off what is less than a millisecond, and the wait would be none.
        var left = TimeSpan.FromMilliseconds(Math.Ceiling(Left.TotalMilliseconds));
        await Task.WhenAny([changed, Task.Delay(left, time, over.Token), .. waiting.Select(one => one.Worker.Exited)])
            .WaitAsync(stopping);
        await over.CancelAsync();
    }

    private async Task BuryAsync(Reservist dead)
    {
        var worker = dead.Worker;
        observer.Warning("PreparedDied", $"Prepared worker {worker.Name} (process {worker.Pid}) {await worker.Exited}; another " +
            "is started when it is deployed.");
        await reserve.EndAsync([dead]);
    }
}
