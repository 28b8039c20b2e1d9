using Midstream.Control.Workers;
using Midstream.Core.Deployments;
using Midstream.Linux;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Deployments;

// When                             | call              | in charge afterwards
// ---------------------------------+-------------------+-------------------------------------------------
// the new worker has said hello    | BeginAsync        | old; without an old one, new
// just before the new one's gate   | TakeChargeAsync   | new; when it throws, old
// the new one has failed           | UndoAsync         | old, with every write that had ended

/// <summary>
/// The hand-over of the application's state from one worker to the one that takes its place. At every moment one of the two is
/// in charge; only the old worker can give the charge away, and it gets it back only when the new worker is dead.
/// </summary>
/// <param name="old">The worker that is in charge; null when there is none.</param>
/// <param name="next">The worker that takes its place.</param>
/// <param name="freezeMax">The longest time that writers may wait.</param>
/// <remarks>One call at a time.</remarks>
internal sealed class StateHandOver(Worker? old, Worker next, TimeSpan freezeMax) : IAsyncDisposable
{
    // The old worker gives up by itself before this: 45 s for the last rounds, then the freeze.
    private static readonly TimeSpan s_handOverTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_answerTime = TimeSpan.FromSeconds(20);

    private bool _hasBegun;
    private bool _isDecided;
    private bool _isImporting;
    private Task<StateExportedMessage>? _exported;

    // Without state in the new worker there is nothing to do; without it in the old one, nothing to hand over.
    private bool IsNeeded => next.Capabilities.Contains(WorkerCapabilities.State);

    private bool CanImport => old is { Exited.IsCompleted: false } && old.Capabilities.Contains(WorkerCapabilities.State);

    /// <summary>Gets what the last step measured: the freeze and the changes in it; null before it and when nothing was handed
    /// over.</summary>
    public StateHandedOverMessage? HandedOver { get; private set; }

    /// <summary>Gets what was imported before the new worker became ready; null before that.</summary>
    public StateImportedMessage? Imported { get; private set; }

    /// <summary>Gets whom the import waits for, as the end of a sentence about the new worker; null when it is not under
    /// way. It still says so after the import was given up.</summary>
    public string? WaitsFor => (_isImporting, _exported) switch
    {
        (false, _) => null,
        (true, { IsCompletedSuccessfully: false }) =>
            $"the generation that serves (process {old!.Pid}) had not exported the state that the new one is to take over",
        _ => "it had not imported the state",
    };

    /// <summary>Lets the new worker import the state, and with that lets its application start. Does nothing when it has
    /// none.</summary>
    /// <param name="timeout">The time it has: the rest of the time to become ready.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>A task that ends when the state is imported.</returns>
    /// <exception cref="WorkerFailedException">The new worker cannot take over; the old one is in charge.</exception>
    /// <exception cref="OperationCanceledException">It was given up; the old one is in charge.</exception>
    public async Task BeginAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!IsNeeded)
            return;
        using var patience = new Patience(timeout, next.Time, cancellationToken);
        _isImporting = true;
        try
        {
            Imported = CanImport
                ? await ImportAsync(old!, patience.Token)
                : await next.AskAsync<StateImportedMessage>(new ImportStateMessage(), [], patience.Token);
            _isImporting = false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await TryUndoAsync();
            throw Failed(DeploymentFailure.StateNotImported,
                $"The new generation (process {next.Pid}) was not ready within {timeout.TotalSeconds:0.###} s: {WaitsFor}. " +
                "Give it longer with \"ready\": {\"timeout_ms\": ...}.");
        }
        catch (OperationCanceledException)
        {
            await TryUndoAsync();
            throw;
        }
        catch (IOException)
        {
            await TryUndoAsync();
            throw Failed(DeploymentFailure.WorkerExitedBeforeReady,
                $"The new generation (process {next.Pid}) ended while it imported the state.");
        }

        if (Imported.Fault is { } fault)
        {
            await TryUndoAsync();
            throw Failed(
                Imported.VersionsDiffer ? DeploymentFailure.StateVersionsDiffer : DeploymentFailure.StateNotImported, fault);
        }
    }

    /// <summary>Puts the new worker in charge; writers wait meanwhile. Does nothing when nothing was imported.</summary>
    /// <returns>The freeze and the changes in it; null when there was nothing to hand over, or the old worker has died and the
    /// new one has what it had imported.</returns>
    /// <exception cref="WorkerFailedException">The new worker could not take over and was killed; the old one is in
    /// charge.</exception>
    public async Task<StateHandedOverMessage?> TakeChargeAsync()
    {
        if (!_hasBegun || _isDecided)
            return null;
        try
        {
            using var patience = new Patience(freezeMax + s_handOverTime, next.Time);
            HandedOver = await old!.AskAsync<StateHandedOverMessage>(
                new HandOverStateMessage((long)freezeMax.TotalMilliseconds), [], patience.Token);
        }
        catch (ChannelClosedException)
        {
            await TakeAloneAsync();
            return null;
        }
        catch (OperationCanceledException)
        {
            await UndoAsync();
            throw Failed(DeploymentFailure.StateNotHandedOver,
                $"The generation that serves (process {old!.Pid}) did not answer when it was asked to hand over its state.");
        }

        if (HandedOver.Fault is { } fault)
        {
            // Also where the new one may already be in charge: only its death makes it sure that it is not.
            await UndoAsync();
            throw Failed(DeploymentFailure.StateNotHandedOver, fault);
        }

        _isDecided = true;
        return HandedOver;
    }

    /// <summary>Puts the old worker in charge, still or again, at any time until it has ended. Kills the new worker first:
    /// two in charge would be worse than none.</summary>
    /// <returns>False when the old worker has died or does not answer; then nobody is in charge.</returns>
    public async Task<bool> UndoAsync()
    {
        if (!_hasBegun)
            return true;
        await next.KillAsync();
        return await TryUndoAsync();
    }

    /// <summary>Puts a worker in charge, still or again, whose supervisor was killed: it may have been in the middle of a
    /// hand-over, and the worker's heir has to be dead.</summary>
    /// <param name="worker">The worker. Nothing happens to one without state.</param>
    /// <returns>False when it has died or does not answer.</returns>
    public static async Task<bool> TryKeepAsync(Worker worker)
    {
        if (worker.Exited.IsCompleted || !worker.Capabilities.Contains(WorkerCapabilities.State))
            return false;
        worker.IsStateInDoubt = true;
        try
        {
            using var patience = new Patience(s_answerTime, worker.Time);
            await worker.AskAsync<StateKeptMessage>(new KeepStateMessage(), [], patience.Token);
            worker.IsStateInDoubt = false;
            return true;
        }
        catch (Exception silent) when (silent is OperationCanceledException or IOException)
        {
            return false;
        }
    }

    /// <summary>Takes back what was begun and came to no end.</summary>
    /// <returns>A task that ends when one of the two is in charge.</returns>
    public async ValueTask DisposeAsync()
    {
        if (_hasBegun && !_isDecided)
            await UndoAsync();
    }

    private async Task<StateImportedMessage> ImportAsync(Worker from, CancellationToken cancellationToken)
    {
        var (toNew, toOld) = from.OpenChannel();
        Task<StateImportedMessage> imported;
        using (toNew)
        using (toOld)
        {
            _hasBegun = true;
            imported = next.AskAsync<StateImportedMessage>(new ImportStateMessage(), [toNew], cancellationToken);
            _exported = from.AskAsync<StateExportedMessage>(new ExportStateMessage(), [toOld], cancellationToken);
            // Sending waits for room in the channels; the descriptors are the kernel's to keep once both are sent.
            await Task.WhenAny(imported, _exported);
        }

        // Whatever the old worker could not do, the new one learns on its own channel and says.
        Observe(_exported);
        return await imported;
    }

    private async Task TakeAloneAsync()
    {
        await old!.KillAsync();
        try
        {
            using var patience = new Patience(s_answerTime, next.Time);
            await next.AskAsync<StateTakenMessage>(new TakeStateMessage(), [], patience.Token);
            _isDecided = true;
        }
        catch (Exception silent) when (silent is OperationCanceledException or IOException)
        {
            throw Failed(DeploymentFailure.StateNotHandedOver,
                $"Both generations failed in the hand-over of the state: {silent.Message}");
        }
    }

    private async Task<bool> TryUndoAsync()
    {
        if (!_hasBegun)
            return true;
        _hasBegun = false;
        return await TryKeepAsync(old!);
    }

    // Nobody waits for it any more: a fault of it is the other side's to report.
    private static void Observe(Task task) => _ = task.ContinueWith(
        static ended => _ = ended.Exception,
        CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private WorkerFailedException Failed(DeploymentFailure failure, string reason) => new(failure, reason, next.LastLines);
}
