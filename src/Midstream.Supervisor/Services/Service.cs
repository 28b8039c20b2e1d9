using Midstream.Control.Operators;
using Midstream.Control.Workers;
using Midstream.Core.Configuration;
using Midstream.Core.Deployments;
using Midstream.Linux;
using Midstream.Releases;
using Midstream.Supervisor.Modules;
using Midstream.Supervisor.Reserves;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.State;
using Midstream.Supervisor.Systemd;

namespace Midstream.Supervisor.Services;

/// <summary>
/// What operators can ask of a service. Each method is one operation from its beginning to its result; the ledger has a
/// line of it before the operator reads the result.
/// </summary>
internal sealed partial class Service(
    ServiceSettings settings,
    ServiceSituation situation,
    IReleaseStore store,
    ListenerSet listeners,
    ReloadNotice reloads,
    Replacement replacement,
    Preparation preparation,
    OperationSlot slot,
    ILedger ledger,
    TimeProvider time,
    ISupervisorObserver observer,
    CancellationToken stopping,
    ModuleShelf? shelf = null,
    ModuleRoll? modules = null,
    PidFile? pidFile = null)
{
    private static readonly TimeSpan s_gateTime = TimeSpan.FromSeconds(10);

    private long _deployments;

    /// <summary>Gets or sets the number of replacements that became permanent.</summary>
    public long Deployments
    {
        get => Interlocked.Read(ref _deployments);
        set => Interlocked.Exchange(ref _deployments, value);
    }

    /// <summary>Puts the content of a folder in the place of what runs.</summary>
    /// <param name="request">The folder.</param>
    /// <param name="who">Who asks.</param>
    /// <param name="onPhase">Told of each phase as it begins.</param>
    /// <param name="cancelled">Gives it up, until the switch.</param>
    /// <returns>A result, or a refusal.</returns>
    public Task<OperatorEvent> DeployAsync(
        DeployRequest request, Operator who, Action<PhaseEvent> onPhase, CancellationToken cancelled) =>
        RunAsync(new Operation("deploy", who, onPhase, time), async operation =>
        {
            operation.Enter(DeploymentPhase.Store, request.Folder);
            using var givenUp = GivenUpBy(operation, cancelled);
            var release = await AddAsync(request.Folder, givenUp.Token);
            if (!request.Again && situation.Serves(release.Id))
                return Unchanged(release, operation);
            return await DeployAsync(release, operation, cancelled);
        });

    /// <summary>Goes back to a release that is in the store.</summary>
    /// <param name="request">Which; the one before the current when it names none.</param>
    /// <param name="who">Who asks.</param>
    /// <param name="onPhase">Told of each phase as it begins.</param>
    /// <param name="cancelled">Gives it up, until the switch.</param>
    /// <returns>A result, or a refusal.</returns>
    public Task<OperatorEvent> RollbackAsync(
        RollbackRequest request, Operator who, Action<PhaseEvent> onPhase, CancellationToken cancelled) =>
        RunAsync(new Operation("rollback", who, onPhase, time), async operation =>
        {
            var wanted = request.Release ?? situation.State.Previous ?? throw new ReleaseStoreException(
                ReleaseStoreFailure.NotFound, "There is no release before the current one. 'midstream releases' lists " +
                    "what there is.", null);
            var release = store.Find(wanted);
            if (situation.Serves(release.Id))
                return Unchanged(release, operation);
            if (store.FindDamage(release.Id) is { } damage)
                throw new ReleaseStoreException(
                    ReleaseStoreFailure.Damaged, $"Release {release.Id} is not what was deployed: {damage} Deploy its " +
                        "folder again.", null);
            return await DeployAsync(release, operation, cancelled);
        });

    /// <summary>Reads the configuration again and replaces the workers, so that all of it holds. What cannot be read or bound
    /// changes nothing; a generation that fails under it brings the old configuration back.</summary>
    /// <param name="read">Reads and checks the configuration.</param>
    /// <param name="who">Who asks.</param>
    /// <param name="onPhase">Told of each phase as it begins; null when nobody listens.</param>
    /// <param name="cancelled">Gives it up, until the switch.</param>
    /// <returns>A result, or a refusal.</returns>
    public Task<OperatorEvent> ReloadAsync(
        Func<ServiceModel> read, Operator who, Action<PhaseEvent>? onPhase, CancellationToken cancelled) =>
        RunAsync(new Operation("reload", who, onPhase, time), async operation =>
        {
            using var notice = reloads.Begin();
            var (before, was) = (settings.Model, situation.State);
            var next = read();
            PidFile.Check(next.PidFile);
            var release = store.Find(situation.State.Current!);
            using var change = listeners.Change(next.Listen);
            // As everywhere: what the file says of the number of workers holds again.
            situation.Write(state => state with { Workers = null, Command = next.Command ?? state.Command });
            settings.Model = next;
            ResultEvent? result = null;
            try
            {
                result = await ReplaceAsync(release, operation, () => TakeReloadBack(before, was), cancelled);
            }
            finally
            {
                // Also when it was given up.
                if (result is not { Outcome: Outcomes.Committed })
                    TakeReloadBack(before, was);
            }

            if (result.Outcome != Outcomes.Committed)
                return result;
            change.Keep();
            pidFile?.MoveTo(next.PidFile);
            return await ShrinkToFitAsync(operation) is { } shrunk
                ? result with { Connections = DrainReport.Sum(result.Connections, shrunk.Connections) } : result;
        });

    /// <summary>Changes the number of workers while they serve.</summary>
    /// <param name="change">Makes the new number of the present one.</param>
    /// <param name="who">Who asks.</param>
    /// <param name="onPhase">Told of each phase as it begins; null when nobody listens.</param>
    /// <param name="cancelled">Gives it up, until the new workers take traffic.</param>
    /// <returns>A result, or a refusal.</returns>
    public Task<OperatorEvent> ScaleAsync(
        Func<int, int> change, Operator who, Action<PhaseEvent>? onPhase, CancellationToken cancelled) =>
        RunAsync(new Operation("scale", who, onPhase, time), async operation =>
        {
            var now = situation.WorkerCount(settings);
            var wanted = Math.Clamp(change(now), 1, WorkersModel.CountMax);
            situation.Write(state => state with { Workers = wanted });
            var missing = situation.EmptySlots(settings);
            if (missing.Count == 0)
                return await ShrinkToFitAsync(operation)
                    ?? Ended(Outcomes.Unchanged, operation, $"There are {wanted} workers already; nothing was changed.");
            using var givenUp = GivenUpBy(operation, cancelled);
            ResultEvent? result = null;
            try
            {
                result = await replacement.FillAsync(
                    store.Find(situation.State.Current!), missing, operation, givenUp.Token, stopping);
            }
            finally
            {
                // Also when it was given up.
                if (result is not { Outcome: Outcomes.Committed })
                    WriteOrReport(state => state with { Workers = SlotsInUse(now) });
            }

            return result.Outcome == Outcomes.Committed ? await ShrinkToFitAsync(operation) ?? result : result;
        });

    /// <summary>Makes the workers accept nothing more. Clients they have are served on, new ones wait in the kernel's
    /// queue.</summary>
    /// <param name="who">Who asks.</param>
    /// <returns>A result, or a refusal.</returns>
    public Task<OperatorEvent> PauseAsync(Operator who) => RunAsync(new Operation("pause", who, null, time), async operation =>
    {
        if (situation.Pool.Serving.FirstOrDefault(worker => !worker.SpeaksMidstream) is { } foreign)
            return Ended(Outcomes.Failed, operation, $"Worker {foreign.Name} has no accept gate, for its program does not " +
                "speak Midstream's protocol; it cannot be paused.", DeploymentFailure.CannotPause);
        using var patience = new Patience(s_gateTime, time);
        await Task.WhenAll(situation.Pool.Serving.Select(worker => worker.PauseAsync(patience.Token)));
        situation.IsPaused = true;
        return Ended(Outcomes.Committed, operation, reason: null);
    });

    /// <summary>Takes a pause back.</summary>
    /// <param name="who">Who asks.</param>
    /// <returns>A result, or a refusal.</returns>
    public Task<OperatorEvent> ResumeAsync(Operator who) => RunAsync(new Operation("resume", who, null, time), async operation =>
    {
        using var patience = new Patience(s_gateTime, time);
        await Task.WhenAll(situation.Pool.Serving.Select(worker => worker.ResumeAsync(isPaused: false, patience.Token)));
        situation.IsPaused = false;
        return Ended(Outcomes.Committed, operation, reason: null);
    });

    /// <summary>Writes down how an update of the supervisor's own program ended.</summary>
    /// <param name="who">Who asked for it.</param>
    /// <param name="fault">Why it did not succeed; null when it did.</param>
    /// <param name="elapsedMs">From the request to this result, in milliseconds.</param>
    /// <returns>The result.</returns>
    public ResultEvent UpgradeEnded(Operator who, string? fault, long elapsedMs)
    {
        using var operation = new Operation("upgrade", who, onPhase: null, time);
        var result = Ended(
            fault is null ? Outcomes.Committed : Outcomes.Failed,
            operation,
            fault,
            fault is null ? null : DeploymentFailure.UpgradeFailed) with { ElapsedMs = elapsedMs };
        Record(operation, result);
        return result;
    }

    /// <summary>Says that something was done that takes no time and cannot fail.</summary>
    /// <returns>The result.</returns>
    public ResultEvent Done()
    {
        using var operation = new Operation("done", Operator.Midstream, null, time);
        return Ended(Outcomes.Committed, operation, reason: null);
    }

    /// <summary>Starts the first generation of this supervisor's life.</summary>
    /// <param name="release">The release.</param>
    /// <param name="onPhase">Told of each phase as it begins.</param>
    /// <param name="cancelled">Gives it up.</param>
    /// <returns>A result, or a refusal.</returns>
    public Task<OperatorEvent> StartAsync(StoredRelease release, Action<PhaseEvent> onPhase, CancellationToken cancelled) =>
        RunAsync(new Operation("run", Operator.Midstream, onPhase, time), operation =>
        {
            int[] slots = [.. Enumerable.Range(1, situation.WorkerCount(settings))];
            return replacement.FillAsync(release, slots, operation, cancelled, stopping);
        });

    /// <summary>Goes on with the workers of a supervisor that was killed.</summary>
    /// <param name="run">Settles who serves.</param>
    /// <returns>A result, or a refusal.</returns>
    public Task<OperatorEvent> TakeOverAsync(Func<Operation, CancellationToken, Task<ResultEvent>> run) =>
        RunAsync(new Operation("take-over", Operator.Midstream, onPhase: null, time), operation => run(operation, stopping));

    /// <summary>Starts the current release again in some slots, for the upkeep, which has the operations' slot already.</summary>
    /// <param name="slots">The slots.</param>
    /// <param name="operation">The restart.</param>
    /// <param name="givenUp">Gives it up.</param>
    /// <returns>How it ended.</returns>
    public async Task<ResultEvent> RefillAsync(IReadOnlyList<int> slots, Operation operation, CancellationToken givenUp)
    {
        ResultEvent result;
        try
        {
            result = await replacement.FillAsync(store.Find(situation.State.Current!), slots, operation, givenUp, stopping);
        }
        catch (ReleaseStoreException missing)
        {
            // Somebody has removed it from the store. The upkeep counts it as one more failure, and gives up in the end.
            result = Ended(Outcomes.Failed, operation, missing.Message, DeploymentFailure.CannotStart);
        }

        Record(operation, result);
        return result;
    }

    /// <summary>Writes down who stopped the service.</summary>
    /// <param name="who">Who asked.</param>
    public void RecordStop(Operator who)
    {
        using var operation = new Operation("stop", who, onPhase: null, time);
        Record(operation, Ended(Outcomes.Stopped, operation, reason: null));
    }

    /// <summary>Says what is in the store.</summary>
    /// <returns>The releases, newest first.</returns>
    public ReleasesEvent ListReleases() => new([.. store.List().Select(release => new ReleaseSummary(
        release.Id,
        release.Source,
        release.AddedAt,
        release.SizeBytes,
        release.Id == situation.State.Current,
        release.Id == situation.State.Previous))]);

    /// <summary>Stores a folder's content, if it is one that can be started at all.</summary>
    /// <param name="folder">The folder, absolute.</param>
    /// <param name="cancellationToken">Gives the copy up.</param>
    /// <returns>The release.</returns>
    /// <exception cref="EntryPointException">There is no program in the folder, or more than one; nothing was stored.</exception>
    /// <exception cref="ReleaseStoreException">The folder cannot be stored.</exception>
    public Task<StoredRelease> AddAsync(string folder, CancellationToken cancellationToken)
    {
        // What is no folder at all, the store explains best.
        if (Directory.Exists(folder))
            ApplicationEntryPoint.Find(folder, settings.Model.Command);
        return store.AddAsync(folder, cancellationToken);
    }

    private async Task<OperatorEvent> RunAsync(Operation operation, Func<Operation, Task<ResultEvent>> run)
    {
        using (operation)
        {
            if (await slot.TryBeginAsync(operation) is { } refused)
                return refused;
            try
            {
                return await RunInSlotAsync(operation, run);
            }
            finally
            {
                slot.End(operation);
            }
        }
    }

    private async Task<OperatorEvent> RunInSlotAsync(Operation operation, Func<Operation, Task<ResultEvent>> run)
    {
        ResultEvent result;
        try
        {
            result = await run(operation);
        }
        catch (ReleaseStoreException wrong) when (wrong.Failure is not (ReleaseStoreFailure.DiskFull
            or ReleaseStoreFailure.StoreUnusable))
        {
            return new RefusedEvent(Refusals.BadRequest, wrong.Message);
        }
        catch (Exception unclear) when (unclear is EntryPointException or ModuleRequestException)
        {
            return new RefusedEvent(Refusals.BadRequest, unclear.Message);
        }
        catch (SupervisorException invalid) when (
            invalid.Failure is SupervisorFailure.ConfigurationInvalid or SupervisorFailure.CannotListen
                or SupervisorFailure.PidFileUnusable)
        {
            return new RefusedEvent(Refusals.BadRequest, invalid.Message);
        }
        catch (ReleaseStoreException full)
        {
            result = Ended(Outcomes.Failed, operation, full.Message, DeploymentFailure.ReleaseStoreFailed);
        }
        catch (Exception silent) when (silent is ChannelClosedException)
        {
            result = Ended(Outcomes.Failed, operation, silent.Message, DeploymentFailure.CannotPause);
        }
        catch (OperationCanceledException)
        {
            result = stopping.IsCancellationRequested
                ? Ended(Outcomes.Cancelled, operation, "The supervisor is stopping.", DeploymentFailure.SupervisorStopping)
                : Ended(Outcomes.Cancelled, operation, "It was given up before the switch.", DeploymentFailure.Cancelled);
        }
        catch (Exception unexpected) when (unexpected is IOException or UnauthorizedAccessException)
        {
            result = Ended(Outcomes.Failed, operation, unexpected.Message, DeploymentFailure.ReleaseStoreFailed);
        }

        if (result.Outcome == Outcomes.Cancelled && stopping.IsCancellationRequested)
            result = result with
            {
                Outcome = Outcomes.Failed,
                Failure = PhaseNames.Of(DeploymentFailure.SupervisorStopping),
                Reason = "The supervisor was asked to stop before the switch. The next 'midstream run' starts what ran before.",
            };
        Record(operation, result);
        return result;
    }

    private void TakeReloadBack(ServiceModel model, ServiceState was)
    {
        settings.Model = model;
        WriteOrReport(state => state with { Workers = was.Workers, Command = was.Command });
    }

    private void WriteOrReport(Func<ServiceState, ServiceState> change)
    {
        if (situation.Settle(change) is { } unwritten)
            observer.Error("StateNotWritten", $"What holds again could not be written: {unwritten.Message}");
    }

    // A slot of somebody who has died is one that is to be served all the same.
    private int SlotsInUse(int before) =>
        situation.Pool.Serving.Select(worker => worker.Slot).Append(before).Max();

    private async Task<ResultEvent?> ShrinkToFitAsync(Operation operation)
    {
        var count = situation.WorkerCount(settings);
        return situation.Pool.Workers.Any(worker => worker.Slot > count)
            ? await replacement.ShrinkAsync(count, operation) : null;
    }

    private async Task<ResultEvent> ReplaceAsync(
        StoredRelease release, Operation operation, Action beforeGoingBack, CancellationToken cancelled)
    {
        using var givenUp = GivenUpBy(operation, cancelled);
        var result = await replacement.RunAsync(release, operation, beforeGoingBack, givenUp.Token, stopping);
        if (result.Outcome == Outcomes.Committed)
        {
            Interlocked.Increment(ref _deployments);
            Prune();
        }

        return result;
    }

    private CancellationTokenSource GivenUpBy(Operation operation, CancellationToken cancelled) =>
        CancellationTokenSource.CreateLinkedTokenSource(cancelled, stopping, operation.Superseded);

    private void Prune()
    {
        var inUse = new[] { situation.State.Current, situation.State.Previous, preparation.Release }.OfType<string>().ToHashSet();
        try
        {
            foreach (var removed in store.Prune(settings.Model.Releases.Keep, inUse))
                observer.Information("ReleasePruned", $"Release {removed} was removed from the store, which keeps " +
                    $"{settings.Model.Releases.Keep}.");
        }
        catch (Exception kept) when (kept is ReleaseStoreException or IOException)
        {
            // A release too many is not a reason to say that the one that serves has failed.
            observer.Warning("ReleasesNotPruned", $"Old releases could not be removed from the store: {kept.Message}");
        }
    }

    private ResultEvent Unchanged(StoredRelease release, Operation operation) =>
        Ended(Outcomes.Unchanged, operation, $"Release {release.Id} is what runs already; nothing was changed.");

    private ResultEvent Ended(string outcome, Operation operation, string? reason, DeploymentFailure? failure = null) => new(
        outcome,
        situation.Serving?.Release,
        situation.Serving?.Generation,
        reason,
        failure is { } named ? PhaseNames.Of(named) : null,
        ElapsedMs: operation.ElapsedMs,
        Phases: operation.Phases);

    private void Record(Operation operation, ResultEvent result)
    {
        var text = $"{operation.Kind} by {operation.Who.Name}: {result.Outcome}" +
            (result.Release is null ? "" : $", release {result.Release} (generation {result.Generation}) serves") +
            (result.Reason is null ? "" : $". {result.Reason}");
        observer.OnEvent(new SupervisorEvent(
            time.GetUtcNow(), result.Failure is null ? EventLevel.Information : EventLevel.Error, "OperationEnded", text));
        try
        {
            ledger.Append(new LedgerEntry(
                time.GetUtcNow(),
                operation.Who.Name,
                operation.Who.Uid,
                operation.Kind,
                result.Outcome,
                result.Release,
                result.Generation,
                result.Reason,
                result.ElapsedMs,
                operation.Subject));
        }
        catch (IOException unwritten)
        {
            // Failing to report never changes what was done.
            observer.Error("LedgerNotWritten", $"The ledger could not be written: {unwritten.Message}");
        }
    }
}
