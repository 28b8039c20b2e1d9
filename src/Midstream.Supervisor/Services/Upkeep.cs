using System.Threading.Channels;
using Midstream.Control.Operators;
using Midstream.Core.Restarts;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Services;

/// <summary>Something about a worker that is reason enough to put another in its place.</summary>
/// <param name="Worker">The worker, which lives.</param>
/// <param name="Reason">What is the matter, for people.</param>
internal sealed record Complaint(Worker Worker, string Reason);

/// <summary>
/// Keeps every slot served: starts the release again where a worker has died, with growing delays and not for ever, and replaces
/// workers that somebody complains of. An operator's operation goes before a restart that waits.
/// </summary>
/// <param name="situation">Says which workers there are.</param>
/// <param name="slot">Makes sure that a restart and a deployment do not meet.</param>
/// <param name="settings">When to try again, and when to give up.</param>
/// <param name="refill">Starts the current release in slots.</param>
/// <param name="time">Measures delays; a clock that is set does not count.</param>
/// <param name="observer">Told of crashes.</param>
/// <param name="standbys">Counts the workers that wait to take over at once; null for none.</param>
internal sealed class Upkeep(
    ServiceSituation situation,
    OperationSlot slot,
    ServiceSettings settings,
    Func<IReadOnlyList<int>, Operation, CancellationToken, Task<ResultEvent>> refill,
    TimeProvider time,
    ISupervisorObserver observer,
    Func<int>? standbys = null)
{
    private readonly Channel<Complaint> _complaints = Channel.CreateUnbounded<Complaint>();
    private readonly long _began = time.GetTimestamp();
    private readonly Dictionary<int, List<DateTimeOffset>> _crashes = [];
    private readonly HashSet<Worker> _givenUp = [];
    private readonly HashSet<Worker> _leftAstray = [];
    private readonly SortedSet<int> _empty = [];
    private long _restarts;

    /// <summary>Gets or sets the number of workers started in the place of one that had died or failed.</summary>
    public long Restarts
    {
        get => Interlocked.Read(ref _restarts);
        set => Interlocked.Exchange(ref _restarts, value);
    }

    /// <summary>Asks for another worker in the place of one that lives but must go.</summary>
    /// <param name="complaint">Which, and why.</param>
    public void Complain(Complaint complaint) => _complaints.Writer.TryWrite(complaint);

    /// <summary>Takes note of slots that have no worker though they should, before it watches: their workers died when nobody
    /// was there to see it.</summary>
    /// <param name="slots">The slots.</param>
    public void FoundEmpty(IEnumerable<int> slots) => _empty.UnionWith(slots);

    /// <summary>Watches until the supervisor stops.</summary>
    /// <param name="stopping">The supervisor stops.</param>
    /// <returns>A task that ends then.</returns>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                // A wait for what is the case already does not look at the token.
                stopping.ThrowIfCancellationRequested();
                await WatchOnceAsync(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Nobody is to be restarted any more.
        }
    }

    private async Task WatchOnceAsync(CancellationToken stopping)
    {
        // Taken before anything is looked at: what changes from here on wakes the wait below.
        var changed = situation.Pool.Changed;
        var workers = situation.Pool.Workers;
        if (slot.Current is { } operation)
        {
            // What an operation makes of a death is the operation's affair: a probation goes back by itself.
            await operation.Ended.WaitAsync(stopping);
            return;
        }

        _givenUp.IntersectWith(workers);
        _leftAstray.IntersectWith(workers);
        _empty.RemoveWhere(IsFilledOrUnwanted);
        if (workers.Where(worker => worker.Exited.IsCompleted && !_givenUp.Contains(worker)).ToList() is { Count: > 0 } dead)
            await RestartAsync(dead, stopping);
        else if (_empty.Count > 0)
            await FillAsync(stopping);
        else if (workers.Where(IsAstray).ToList() is { Count: > 0 } astray)
            await BringBackAsync(astray, stopping);
        else if (_complaints.Reader.TryRead(out var complaint))
            await ReplaceAsync(complaint, stopping);
        else
            await WaitAsync(workers, changed, stopping);
    }

    private async Task WaitAsync(IReadOnlyList<Worker> workers, Task changed, CancellationToken stopping)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        IEnumerable<Task> exits = workers.Where(worker => !_givenUp.Contains(worker)).Select(worker => worker.Exited);
        await Task.WhenAny([.. exits, changed, _complaints.Reader.WaitToReadAsync(over.Token).AsTask()]).WaitAsync(stopping);
        await over.CancelAsync();
    }

    private async Task RestartAsync(List<Worker> dead, CancellationToken stopping)
    {
        var due = new List<Worker>();
        var delay = TimeSpan.Zero;
        foreach (var worker in dead)
        {
            // What it started may still hold the sockets, and with them connections that nobody answers.
            await worker.KillAsync();
            var decision = Count(worker.Slot);
            if (decision.GiveUp)
            {
                await GiveUpAsync(worker, decision);
                continue;
            }

            due.Add(worker);
            delay = decision.Delay > delay ? decision.Delay : delay;
            observer.Warning("WorkerDied", $"Worker {worker.Name} (process {worker.Pid}) {await worker.Exited}; " +
                (due.Count <= CountStandbys() ? "the standby takes its place."
                    : $"starting its release again in {decision.Delay.TotalMilliseconds:0} ms."));
        }

        // Who waits has been started already, and the next one is in its own time: there is nothing to wait for.
        if (due.Count <= CountStandbys())
            delay = TimeSpan.Zero;
        if (due.Count > 0)
            await RefillAsync([.. due.Select(worker => worker.Slot)], delay, stopping);
    }

    private int CountStandbys() => standbys?.Invoke() ?? 0;

    private async Task FillAsync(CancellationToken stopping)
    {
        var delay = TimeSpan.Zero;
        foreach (var number in _empty.ToList())
        {
            var decision = Count(number);
            delay = decision.Delay > delay ? decision.Delay : delay;
            if (!decision.GiveUp)
                continue;
            _empty.Remove(number);
            GiveUp(number, decision.Reason);
        }

        if (_empty.Count > 0)
            await RefillAsync([.. _empty], delay, stopping);
    }

    // A deployment that failed and could not go back everywhere leaves workers of a release that was never committed.
    private bool IsAstray(Worker worker) => !_leftAstray.Contains(worker)
        && situation.State is { Committed: true, Current: { } current } && worker.Release != current;

    private async Task BringBackAsync(List<Worker> astray, CancellationToken stopping)
    {
        var due = new List<Worker>();
        var delay = TimeSpan.Zero;
        foreach (var worker in astray)
        {
            var decision = Count(worker.Slot);
            delay = decision.Delay > delay ? decision.Delay : delay;
            if (!decision.GiveUp)
            {
                due.Add(worker);
                continue;
            }

            _leftAstray.Add(worker);
            GiveUp(worker.Slot, $"It serves release {worker.Release}, and {situation.State.Current} could not be started.");
        }

        if (due.Count > 0)
            await RefillAsync([.. due.Select(worker => worker.Slot)], delay, stopping);
    }

    private bool IsFilledOrUnwanted(int number) =>
        number > situation.WorkerCount(settings) || situation.Pool.In(number) is not null;

    private async Task ReplaceAsync(Complaint complaint, CancellationToken stopping)
    {
        var worker = complaint.Worker;
        if (situation.Pool.In(worker.Slot) != worker || worker.Exited.IsCompleted)
            return;
        observer.Warning("WorkerReplaced", $"Worker {worker.Name} (process {worker.Pid}) is replaced: {complaint.Reason}");
        await RefillAsync([worker.Slot], TimeSpan.Zero, stopping);
    }

    private RestartDecision Count(int slotNumber)
    {
        var policy = new RestartPolicy(settings.Model.Restart);
        var now = DateTimeOffset.UnixEpoch + time.GetElapsedTime(_began);
        if (!_crashes.TryGetValue(slotNumber, out var crashes))
            _crashes[slotNumber] = crashes = [];
        crashes.RemoveAll(crash => now - crash > settings.Model.Restart.Window);
        crashes.Add(now);
        return policy.Decide(crashes, now);
    }

    private async Task GiveUpAsync(Worker worker, RestartDecision decision)
    {
        _givenUp.Add(worker);
        GiveUp(worker.Slot, $"{decision.Reason} The last one {await worker.Exited}.");
    }

    private void GiveUp(int number, string? reason)
    {
        _crashes.Remove(number);
        var what = situation.Pool.Serving.Count == 0 ? "Down"
            : situation.Pool.In(number) is { Exited.IsCompleted: false } ? $"Slot {number} has the wrong worker"
            : $"Slot {number} has no worker";
        situation.Problem = $"{what}: {reason} " +
            "Look at 'midstream logs', then deploy a release that works or go back with 'midstream rollback'.";
        observer.Error("CrashLoop", situation.Problem);
    }

    private async Task RefillAsync(IReadOnlyList<int> slots, TimeSpan delay, CancellationToken stopping)
    {
        using var operation = new Operation("restart", Operator.Midstream, onPhase: null, time, mayBeSuperseded: true);
        if (await slot.TryBeginAsync(operation) is not null)
            return;
        try
        {
            using var givenUp = CancellationTokenSource.CreateLinkedTokenSource(stopping, operation.Superseded);
            await Task.Delay(delay, time, givenUp.Token);
            var result = await refill(slots, operation, givenUp.Token);
            if (result.Outcome == Outcomes.Committed)
                Interlocked.Add(ref _restarts, slots.Count);
            else if (result.Outcome == Outcomes.Failed)
                observer.Error("RestartFailed", result.Reason ?? "The release could not be started again.");
        }
        catch (OperationCanceledException) when (operation.Superseded.IsCancellationRequested)
        {
            // A deployment takes the restart's place.
        }
        finally
        {
            slot.End(operation);
        }
    }
}
