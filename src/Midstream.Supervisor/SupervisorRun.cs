using Midstream.Control.Operators;
using Midstream.Linux;
using Midstream.Releases;
using Midstream.Supervisor.Deployments;
using Midstream.Supervisor.Logs;
using Midstream.Supervisor.Operators;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Signals;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.State;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor;

/// <summary>
/// One supervisor from start to stop: takes the lock, binds the sockets, starts the first generation, answers operators and
/// signals, keeps every slot served, and ends it all in order. The place where the parts are put together.
/// </summary>
public sealed class SupervisorRun : IAsyncDisposable
{
    private readonly ISupervisorObserver _observer;
    private readonly FileLock _lock;
    private readonly FdPoller _poller = new();
    private readonly ProcessSpawner _spawner;
    private readonly OutputLog _log;
    private readonly Ledger _ledger;
    private readonly ListenerSet _listeners;
    private readonly OperationSlot _slot = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly StopWishes _wishes;
    private readonly TaskCompletionSource _workersGone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Service _service;
    private readonly FirstRelease _first;
    private readonly Upkeep _upkeep;
    private readonly Shutdown _shutdown;
    private readonly SignalDesk _signals;
    private readonly OperatorServer _operators;

    private SupervisorRun(SupervisorOptions options, StopWishes wishes, ISupervisorObserver observer)
    {
        _observer = observer;
        _wishes = wishes;
        var directory = new ServiceDirectory(options.StateRoot, options.Service.Name);
        _lock = directory.Open();
        var state = ServiceState.Read(directory.StateFile) ?? ServiceState.Initial(options.Service.Name);
        var settings = new ServiceSettings(
            options.Service with { Command = options.Service.Command ?? state.Command });
        var store = OpenStore(directory);
        _listeners = ListenerSet.Bind(settings.Model.Listen);
        var situation = new ServiceSituation(directory, state);
        situation.Write(known => known with { Command = settings.Model.Command });
        _ledger = new Ledger(directory.Ledger);
        _log = new OutputLog(directory.WorkerLog, settings.Model.Logs);
        _spawner = new ProcessSpawner(_poller);

        var launcher = new WorkerLauncher(settings, _listeners, _spawner, _poller, _log, observer);
        var roll = new Roll(settings, situation, new WorkerStarter(settings, _listeners, launcher));
        var replacement = new Replacement(
            settings, situation, store, roll, new Probation(settings, _listeners), observer);
        _service = new Service(
            settings, situation, store, _listeners, replacement, _slot, _ledger, observer, _stopping.Token);
        _first = new FirstRelease(options, situation, store, _service, observer);
        _upkeep = new Upkeep(situation, _slot, settings, _service.RefillAsync, TimeProvider.System, observer);
        _shutdown = new Shutdown(settings, situation, wishes, observer);
        var readConfiguration = options.ReadConfiguration ?? (() => settings.Model);
        _signals = new SignalDesk(
            _service, _slot, readConfiguration, _log.Reopen, observer);
        var status = new StatusReport(options.Service.Name, _listeners, situation, _slot, _service, _upkeep, settings);
        var desk = new OperatorDesk(_service, status, readConfiguration, _log.Reopen, StopForAsync);
        _operators = new OperatorServer(directory, desk, observer);
    }

    /// <summary>Runs a supervisor until it is told to stop.</summary>
    /// <param name="options">What it is started with.</param>
    /// <param name="observer">Takes its events and its workers' output.</param>
    /// <returns>A task that ends when the service is stopped and everything is let go of.</returns>
    /// <exception cref="SupervisorException">It could not start; nothing is left running.</exception>
    public static async Task RunAsync(SupervisorOptions options, ISupervisorObserver observer)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(observer);
        var wishes = new StopWishes();
        // Heard from the first moment on: what comes before there is anybody to carry it out is kept.
        using var early = new EarlySignals(wishes);
        SupervisorRun run;
        try
        {
            run = new SupervisorRun(options, wishes, observer);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new SupervisorException(
                SupervisorFailure.StateUnusable,
                $"The state under {options.StateRoot} cannot be used: {denied.Message} Choose another with --state, or " +
                    "make room.",
                denied);
        }

        await using (run)
        {
            early.PassTo(run._signals.Hear);
            await run.ServeAsync();
        }
    }

    /// <summary>Lets go of everything. The workers are gone by then.</summary>
    /// <returns>A task that ends when it is done.</returns>
    public async ValueTask DisposeAsync()
    {
        await _operators.DisposeAsync();
        _listeners.Dispose();
        _spawner.Dispose();
        _poller.Dispose();
        _log.Dispose();
        _ledger.Dispose();
        _stopping.Dispose();
        _lock.Dispose();
    }

    private async Task ServeAsync()
    {
        _operators.Start();
        var duties = Task.CompletedTask;
        try
        {
            using var interrupted = new CancellationTokenSource();
            _ = _wishes.First.ContinueWith(_ => interrupted.CancelAsync(), TaskScheduler.Default);
            await StartFirstAsync(interrupted.Token);
            duties = Task.WhenAll(_upkeep.RunAsync(_stopping.Token), _signals.RunAsync(_stopping.Token));
            Notifier.Send("READY=1");
            var wish = await _wishes.First;
            _observer.Information("Stopping", $"Stopping, at the wish of {wish.Who.Name}.");
            _service.RecordStop(wish.Who);
        }
        finally
        {
            Notifier.Send("STOPPING=1");
            var underWay = _slot.Close();
            await _stopping.CancelAsync();
            var isGraceful = _wishes.First is { IsCompletedSuccessfully: true, Result.IsGraceful: true };
            await _shutdown.RunAsync(isGraceful, underWay);
            await duties;
            _workersGone.TrySetResult();
        }
    }

    private async Task StartFirstAsync(CancellationToken interrupted)
    {
        var release = await _first.ChooseAsync(interrupted);
        var answer = await _service.StartAsync(release, phase =>
            _observer.Information("Phase", $"{phase.Phase}: {phase.Detail}"), interrupted);
        if (answer is ResultEvent { Outcome: Outcomes.Committed } started)
        {
            _observer.Information("Serving", $"Generation {started.Generation} of release {started.Release} serves " +
                $"{string.Join(", ", _listeners.All.Select(listener => listener.Url))}.");
            return;
        }

        var reason = answer is ResultEvent { Reason: { } why } ? why : "It was interrupted.";
        var lines = answer is ResultEvent { LastLines: { Count: > 0 } last }
            ? $"\nIts last lines:\n  {string.Join("\n  ", last)}" : "";
        throw new SupervisorException(SupervisorFailure.FirstStartFailed, $"The service did not start: {reason}{lines}");
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
}
