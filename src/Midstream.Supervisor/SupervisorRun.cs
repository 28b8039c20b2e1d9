using Midstream.Control.Operators;
using Midstream.Linux;
using Midstream.Releases;
using Midstream.Supervisor.Logs;
using Midstream.Supervisor.Modules;
using Midstream.Supervisor.Operators;
using Midstream.Supervisor.Requests;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Signals;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.State;
using Midstream.Supervisor.Succession;
using Midstream.Supervisor.Systemd;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor;

/// <summary>
/// One supervisor from start to stop: takes the lock, binds the sockets or takes them over, starts the first generation or goes
/// on with the one there is, answers operators and signals, keeps every slot served, and ends it all in order. The place where
/// the parts are put together.
/// </summary>
public sealed class SupervisorRun : IAsyncDisposable
{
    private readonly ISupervisorObserver _observer;
    private readonly StopWishes _wishes;
    private readonly Beginning _beginning;
    private readonly OpenEstate? _left;
    private readonly FdPoller _poller;
    private readonly ProcessSpawner _spawner;
    private readonly OutputLog _log;
    private readonly Telemetry _telemetry;
    private readonly ServiceManager _manager;
    private readonly Ledger _ledger;
    private readonly PidFile _pidFile;
    private readonly ListenerSet _listeners;
    private readonly ServiceSettings _settings;
    private readonly ServiceSituation _situation;
    private readonly TaskCompletionSource _workersGone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ServiceRun _run;
    private readonly Housekeeping _housekeeping;
    private readonly SelfUpgrade _upgrade;
    private readonly SignalDesk _signals;
    private readonly OperatorServer _operators;
    private readonly Departure _departure;

    private SupervisorRun(
        SupervisorOptions options,
        ServiceDirectory directory,
        ServiceState state,
        Foundation foundation,
        StopWishes wishes,
        ISupervisorObserver observer)
    {
        _observer = observer;
        _wishes = wishes;
        (_beginning, _left, _poller, _log, _telemetry, _manager, var register) = foundation;
        var settings = _settings = new ServiceSettings(
            options.Service with { Command = options.Service.Command ?? state.Command });
        var store = OpenStore(directory);
        var shelf = new ModuleShelf(directory.ModuleSet, directory.Modules);
        _listeners = ListenerSet.Adopt(_beginning.Sockets, _manager);
        _listeners.Change(settings.Model.Listen).Keep();
        _manager.Settle(_listeners);
        _situation = new ServiceSituation(new StateFile(directory.StateFile), state);
        Remember(settings.Model.Command, directory);
        _ledger = new Ledger(directory.Ledger);
        _pidFile = new PidFile(_beginning.Estate?.PidFile, observer);
        _spawner = new ProcessSpawner(_poller);

        _run = new ServiceRun(SurroundingsOf(directory, register, store, shelf), options);
        _run.Slot.Freed += Thrift.GiveBack;
        _housekeeping = new Housekeeping(_telemetry, TimeProvider.System);
        var (service, slot, lease) = (_run.Service, _run.Slot, _run.Lease);
        _upgrade = new SelfUpgrade(
            slot,
            new TryOut(_spawner, _poller),
            service,
            () => Departure.DescriptorsNeeded(_listeners.All.Count, _situation.Pool.Workers.Count),
            _situation.WriteOwed,
            TimeProvider.System,
            _run.Stopping);
        var read = options.ReadConfiguration ?? (() => settings.Model);
        _signals = new SignalDesk(
            new SignalOperations(service, read, _log.Reopen, _upgrade), slot, options.InputIsTerminal, observer);
        var status = new StatusReport(
            options.Service.Name, _listeners, _situation, slot, service, _run.Upkeep, settings, _telemetry, lease,
            _run.Reserve, _run.Preparation, _beginning.Estate, new ModuleOverview(shelf, _situation));
        _telemetry.Publish(settings.Model.Metrics, status.Measure);
        var desk = new OperatorDesk(service, status, read, _log.Reopen, _upgrade, StopForAsync);
        _operators = new OperatorServer(directory, desk, observer, _beginning.Control);
        TakeUp();
        _departure = new Departure(
            _situation, service, _listeners, _operators, _log, lease, _telemetry, _run.Upkeep, status, _signals, wishes, settings,
            _spawner, _beginning.Lock);
    }

    private Surroundings SurroundingsOf(
        ServiceDirectory directory, WorkerRegister register, IReleaseStore store, ModuleShelf shelf) => new()
        {
            Settings = _settings,
            Situation = _situation,
            Ledger = _ledger,
            Store = store,
            Launcher = new WorkerLauncher(
                _settings, _listeners, _spawner, _poller, _log, directory, register, _telemetry.Follow, _observer,
                shelf),
            Clients = new GenerationClients(_listeners),
            Listeners = _listeners,
            Reloads = _manager.Reloads,
            Watch = _telemetry.Watch,
            OnAssigned = register.Assign,
            OnHung = new HangReport(_telemetry, _log, _observer).Write,
            Modules = shelf,
            PidFile = _pidFile,
            Wishes = _wishes,
            Time = TimeProvider.System,
            Observer = _observer,
        };

    // What is there already: the workers that serve, and what the program before knew of them.
    private void TakeUp()
    {
        foreach (var worker in _beginning.Workers)
        {
            _run.Lease.Adopt(worker);
            _telemetry.Follow(worker);
        }

        _situation.IsPaused = _beginning.IsPaused;
        if (_beginning.Estate is not { } estate)
            return;
        (_run.Service.Deployments, _run.Upkeep.Restarts) = (estate.Deployments, estate.Restarts);
        foreach (var worker in _beginning.Workers)
            _situation.Pool.Put(worker);
    }

    /// <summary>Runs a supervisor until it is told to stop.</summary>
    /// <param name="options">What it is started with.</param>
    /// <param name="observer">Takes its events and its workers' output.</param>
    /// <returns>A task that ends when the service is stopped and everything is let go of.</returns>
    /// <exception cref="SupervisorException">It could not start; nothing is left running that did not run before.</exception>
    public static async Task RunAsync(SupervisorOptions options, ISupervisorObserver observer)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(observer);
        var wishes = new StopWishes();
        // Heard from the first moment on: what comes before there is anybody to carry it out is kept.
        using var early = new EarlySignals(wishes);
        ProcessImage.ReleaseSignals();
        var left = OpenEstate.Take();
        using var patience = left is not { CanGiveBack: true } ? null : new Timer(
            _ => left.GiveBack(
                $"The new program was not in charge within {left.Estate.OwnTimeout.TotalSeconds:0.#} s.", heard: wishes.Waiting),
            null, left.Estate.OwnTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            await using var run = await CreateAsync(options, left, wishes, observer);
            if (left is { CanGiveBack: true } && await Arrival.FindFaultAsync(
                run._beginning.Workers, left.Estate.OwnTimeout / 2) is { } fault)
                left.GiveBack(fault, heard: wishes.Waiting);
            if (patience is not null)
                await patience.DisposeAsync();
            left = null;
            foreach (var signal in run._beginning.Estate?.Signals ?? [])
            {
                if (!wishes.TryTake(signal))
                    run._signals.Hear(signal);
            }

            early.PassTo(run._signals.Hear);
            await run.ServeAsync();
        }
        catch (Exception failed) when (left is { CanGiveBack: true })
        {
            left.GiveBack(failed.Message, heard: wishes.Waiting);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new SupervisorException(
                SupervisorFailure.StateUnusable,
                $"The state under {options.StateRoot} cannot be used: {denied.Message} Choose another with --state, or " +
                    "make room.",
                denied);
        }
    }

    /// <summary>Says whether this program could follow the one that runs: it can read what is on disk.</summary>
    /// <param name="options">What it would be started with.</param>
    /// <returns>The line that the program before expects.</returns>
    /// <exception cref="SupervisorException">It could not; the message says why.</exception>
    public static string TryTakingOver(SupervisorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var directory = new ServiceDirectory(options.StateRoot, options.Service.Name);
        _ = ServiceState.Read(directory.StateFile);
        _ = new ModuleShelf(directory.ModuleSet, directory.Modules);
        _ = new WorkerRegister(directory.Workers).ReadAll();
        PidFile.Check(options.Service.PidFile);
        return $"{TryOut.Passed}{StatusReport.Version}";
    }

    /// <summary>Says whether this process was started for a try-out only.</summary>
    public static bool IsTryOut => Environment.GetEnvironmentVariable(TryOut.VariableName) is not null;

    /// <summary>Lets go of everything. The workers are gone by then.</summary>
    /// <returns>A task that ends when it is done.</returns>
    public async ValueTask DisposeAsync()
    {
        await _operators.DisposeAsync();
        await _telemetry.DisposeAsync();
        _manager.Dispose();
        _listeners.Dispose();
        _spawner.Dispose();
        _poller.Dispose();
        _log.Dispose();
        _ledger.Dispose();
        _run.Dispose();
        _beginning.Lock.Dispose();
    }

    private static async Task<SupervisorRun> CreateAsync(
        SupervisorOptions options, OpenEstate? left, StopWishes wishes, ISupervisorObserver observer)
    {
        var directory = new ServiceDirectory(options.StateRoot, options.Service.Name);
        var heldLock = left is null ? await directory.OpenAsync() : null;
        try
        {
            directory.RemoveAbandoned_NeedsLock();
            var state = ServiceState.Read(directory.StateFile) ?? ServiceState.Initial(options.Service.Name);
            var poller = new FdPoller();
            var log = new OutputLog(directory.WorkerLog, options.Service.Logs);
            var register = new WorkerRegister(directory.Workers);
            var telemetry = new Telemetry(directory.Counters, observer);
            var manager = new ServiceManager();
            var beginning = left is null
                ? await Beginning.FromAsync(heldLock!, new Survivors(register, poller, log, observer))
                : Beginning.From(left, register, poller, log, observer);
            // Who serves already is not left alone for it; then it is reported.
            if (beginning is { Workers.Count: 0, Estate: null })
                PidFile.Check(options.Service.PidFile);
            return new SupervisorRun(
                options,
                directory,
                state,
                new Foundation(beginning, left, poller, log, telemetry, manager, register),
                wishes,
                observer);
        }
        catch
        {
            heldLock?.Dispose();
            throw;
        }
    }

    private async Task ServeAsync()
    {
        _operators.Start();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(_run.Stopping);
        var signsOfLife = ServiceManager.GiveSignsOfLifeAsync(_poller, leaving.Token);
        var duties = signsOfLife;
        using var reaper = OrphanReaper.IsFirstProcess ? new OrphanReaper() : null;
        try
        {
            using var interrupted = new CancellationTokenSource();
            _ = _wishes.First.ContinueWith(_ => interrupted.CancelAsync(), TaskScheduler.Default);
            await BeginAsync(interrupted.Token);
            duties = Task.WhenAll(
                signsOfLife,
                _run.KeepAsync(leaving.Token),
                _housekeeping.RunAsync(leaving.Token),
                _signals.RunAsync(leaving.Token));
            ServiceManager.SayReady();
            if (await Task.WhenAny(_wishes.First, _upgrade.Wished) == _upgrade.Wished)
            {
                await leaving.CancelAsync();
                await duties;
                await _run.LeaveAsync();
                await _departure.LeaveAsync(await _upgrade.Wished);
            }

            var wish = await _wishes.First;
            _observer.Information("Stopping", $"Stopping, at the wish of {wish.Who.Name}.");
            _run.Service.RecordStop(wish.Who);
        }
        finally
        {
            Notifier.Send("STOPPING=1");
            await _run.EndAsync();
            await duties;
            _pidFile.Remove();
            _workersGone.TrySetResult();
        }
    }

    private async Task BeginAsync(CancellationToken interrupted)
    {
        if (_beginning.Estate is { } estate)
            await new Arrival(estate, _left!, _run.Service, _poller, _observer).TakeChargeAsync(WritePidFile);
        else
            Check(await _run.BeginAsync(_beginning.Workers, interrupted));
    }

    private void Check(OperatorEvent answer)
    {
        if (answer is ResultEvent { Release: not null } started)
        {
            WritePidFile();
            _observer.Information("Serving", $"Generation {started.Generation} of release {started.Release} serves " +
                $"{string.Join(", ", _listeners.All.Select(listener => listener.Url))}.");
            return;
        }

        var reason = answer is ResultEvent { Reason: { } why } ? why : "It was interrupted.";
        var lines = answer is ResultEvent { LastLines: { Count: > 0 } last }
            ? $"\nIts last lines:\n  {string.Join("\n  ", last)}" : "";
        throw new SupervisorException(SupervisorFailure.FirstStartFailed, $"The service did not start: {reason}{lines}");
    }

    // Before anybody is told that it serves: who reads that may read the file at once.
    private void WritePidFile() => _pidFile.MoveTo(_settings.Model.PidFile);

    // What is on disk already is not written again: a full disk is no reason not to go on with what runs.
    private void Remember(IReadOnlyList<string>? command, ServiceDirectory directory)
    {
        var known = _situation.State.Command ?? [];
        if (!File.Exists(directory.StateFile) || !known.SequenceEqual(command ?? []))
            _situation.Write(state => state with { Command = command });
    }

    private Task StopForAsync(StopWish wish)
    {
        _wishes.Asked(wish);
        return _workersGone.Task;
    }

    private static ReleaseStore OpenStore(ServiceDirectory directory)
    {
        try
        {
            return ReleaseStore.Open(directory.Releases);
        }
        catch (ReleaseStoreException unusable)
        {
            throw new SupervisorException(SupervisorFailure.StateUnusable, unusable.Message, unusable);
        }
    }

    // What there is before the parts are put together.
    private sealed record Foundation(
        Beginning Beginning, OpenEstate? Left, FdPoller Poller, OutputLog Log, Telemetry Telemetry,
        ServiceManager Manager, WorkerRegister Register);
}
