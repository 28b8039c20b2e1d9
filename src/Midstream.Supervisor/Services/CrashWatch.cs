using Midstream.Control.Operators;
using Midstream.Core.Restarts;

namespace Midstream.Supervisor.Services;

/// <summary>
/// Waits for the generation that serves to die of itself, and starts its release again: with growing delays, and not for
/// ever. An operator's deployment goes before a restart that waits.
/// </summary>
/// <param name="situation">Says which generation serves.</param>
/// <param name="slot">Makes sure that a restart and a deployment do not meet.</param>
/// <param name="policy">When to try again, and when to give up.</param>
/// <param name="restart">Starts the current release again.</param>
/// <param name="observer">Told of crashes.</param>
internal sealed class CrashWatch(
    ServiceSituation situation,
    OperationSlot slot,
    RestartPolicy policy,
    Func<Operation, CancellationToken, Task<ResultEvent>> restart,
    ISupervisorObserver observer)
{
    private readonly List<DateTimeOffset> _crashes = [];

    /// <summary>Gets the number of generations started in the place of one that had died.</summary>
    public long Restarts { get; private set; }

    /// <summary>Watches until the supervisor stops.</summary>
    /// <param name="stopping">The supervisor stops.</param>
    /// <returns>A task that ends then.</returns>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
                await WatchOnceAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Nobody is to be restarted any more.
        }
    }

    private async Task WatchOnceAsync(CancellationToken stopping)
    {
        var changed = situation.Changed;
        if (situation.Current is not { } worker)
        {
            await changed.WaitAsync(stopping);
            return;
        }

        await worker.Exited.WaitAsync(stopping);
        // What an operation makes of it is the operation's affair: a probation goes back by itself.
        if (slot.Current is { } operation)
        {
            await operation.Ended.WaitAsync(stopping);
            return;
        }

        if (situation.Current != worker)
            return;
        _crashes.Add(DateTimeOffset.UtcNow);
        var decision = policy.Decide(_crashes, DateTimeOffset.UtcNow);
        if (decision.GiveUp)
            await GiveUpAsync(worker, decision, changed, stopping);
        else
            await RestartAsync(worker, decision, stopping);
    }

    private async Task GiveUpAsync(Workers.Worker worker, RestartDecision decision, Task changed, CancellationToken stopping)
    {
        situation.Problem = $"Down: {decision.Reason} The last one {await worker.Exited}. " +
            "Look at 'midstream logs', then deploy a release that works or go back with 'midstream rollback'.";
        observer.Error("CrashLoop", situation.Problem);
        await changed.WaitAsync(stopping);
        _crashes.Clear();
    }

    private async Task RestartAsync(Workers.Worker worker, RestartDecision decision, CancellationToken stopping)
    {
        observer.Warning("WorkerDied", $"Generation {worker.Generation} (process {worker.Pid}) {await worker.Exited}; " +
            $"starting its release again in {decision.Delay.TotalMilliseconds:0} ms.");
        // What it started may still hold the sockets, and with them connections that nobody answers.
        await worker.KillAsync();
        using var operation = new Operation("restart", Operator.Midstream, onPhase: null, mayBeSuperseded: true);
        if (await slot.TryBeginAsync(operation) is not null)
            return;
        try
        {
            using var givenUp = CancellationTokenSource.CreateLinkedTokenSource(stopping, operation.Superseded);
            await Task.Delay(decision.Delay, givenUp.Token);
            var result = await restart(operation, givenUp.Token);
            if (result.Outcome == Outcomes.Committed)
                Restarts++;
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
