using Midstream.Control.Operators;
using Midstream.Core.Restarts;
using Midstream.Linux;
using Midstream.Releases;
using Midstream.Supervisor.Deployments;
using Midstream.Supervisor.Logs;
using Midstream.Supervisor.Operators;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.State;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor;

/// <summary>
/// One supervisor from start to stop: takes the lock, binds the sockets, starts the first generation, answers operators,
/// restarts what crashes, and on TERM, INT or QUIT ends it all in order. The place where the parts are put together.
/// </summary>
public sealed class SupervisorRun : IAsyncDisposable
{
    private readonly SupervisorOptions _options;
    private readonly ISupervisorObserver _observer;
    private readonly FileLock _lock;
    private readonly FdPoller _poller = new();
    private readonly ProcessSpawner _spawner;
    private readonly OutputLog _log;
    private readonly Ledger _ledger;
    private readonly ReleaseStore _store;
    private readonly ListenerSet _listeners;
    private readonly ServiceSituation _situation;
    private readonly OperationSlot _slot = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<Operator> _stopRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _workersGone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Service _service;
    private readonly CrashWatch _crashes;
    private readonly OperatorServer _operators;

    private SupervisorRun(SupervisorOptions options, ISupervisorObserver observer)
    {
        _options = options;
        _observer = observer;
        var directory = new ServiceDirectory(options.StateRoot, options.Service.Name);
        _lock = directory.Open();
        var state = ServiceState.Read(directory.StateFile) ?? ServiceState.Initial(options.Service.Name);
        var model = options.Service with { Command = options.Service.Command ?? state.Command };
        _store = OpenStore(directory);
        _listeners = ListenerSet.Bind(model.Listen);
        _situation = new ServiceSituation(directory, state);
        _situation.Write(known => known with { Command = model.Command });
        _ledger = new Ledger(directory.Ledger);
        _log = new OutputLog(directory.WorkerLog, model.Logs);
        _spawner = new ProcessSpawner(_poller);

        var launcher = new WorkerLauncher(model, _listeners, _spawner, _poller, _log, observer);
        var starter = new GenerationStarter(model, _listeners, launcher);
        var replacement = new Replacement(
            model, _situation, _store, starter, new Switch(model), new Probation(model, _listeners), observer);
        _service = new Service(model, _situation, _store, replacement, _slot, _ledger, observer, _stopping.Token);
        _crashes = new CrashWatch(_situation, _slot, new RestartPolicy(model.Restart), _service.RestartAsync, observer);
        var status = new StatusReport(model.Name, _listeners, _situation, _slot, _service, _crashes);
        _operators = new OperatorServer(directory, new OperatorDesk(_service, status, StopForAsync), observer);
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
        using var signals = new StopSignals();
        SupervisorRun run;
        try
        {
            run = new SupervisorRun(options, observer);
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
            await run.ServeAsync(signals);
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

    private async Task ServeAsync(StopSignals signals)
    {
        _operators.Start();
        var watching = Task.CompletedTask;
        try
        {
            using var interrupted = new CancellationTokenSource();
            _ = signals.First.ContinueWith(_ => interrupted.CancelAsync(), TaskScheduler.Default);
            await StartFirstAsync(interrupted.Token);
            watching = _crashes.RunAsync(_stopping.Token);
            Notifier.Send("READY=1");
            await WaitForStopAsync(signals);
        }
        finally
        {
            Notifier.Send("STOPPING=1");
            await StopWorkersAsync(signals.Second);
            await watching;
            _workersGone.TrySetResult();
        }
    }

    private async Task StartFirstAsync(CancellationToken interrupted)
    {
        var release = await ChooseReleaseAsync(interrupted);
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

    private async Task<StoredRelease> ChooseReleaseAsync(CancellationToken interrupted)
    {
        try
        {
            var state = _situation.State;
            if (_options.Folder is { } folder)
            {
                var added = await _service.AddAsync(folder, interrupted);
                if (state.Current is null || !added.AlreadyStored)
                    return added;
                if (added.Id != state.Current)
                    _observer.Warning("FolderNotUsed", $"{folder} is release {added.Id}, after which release " +
                        $"{state.Current} was deployed; starting that. Use 'midstream deploy' to go back to the folder.");
            }

            return _store.Find(FindLastGood(state));
        }
        catch (Exception unusable) when (unusable is ReleaseStoreException or EntryPointException)
        {
            throw new SupervisorException(SupervisorFailure.NoRelease, unusable.Message, unusable);
        }
        catch (OperationCanceledException)
        {
            throw new SupervisorException(SupervisorFailure.FirstStartFailed, "The service did not start: it was interrupted.");
        }
    }

    // A release that was in its probation when the supervisor died is not permanent: the one before it is started.
    private string FindLastGood(ServiceState state)
    {
        if (state.Current is null)
            throw new SupervisorException(
                SupervisorFailure.NoRelease, $"The service '{_options.Service.Name}' has never run: name the folder of " +
                    "its first release, 'midstream run FOLDER'.");
        if (state.Committed || state.Previous is null)
            return state.Current;
        _observer.Warning("NotCommitted", $"Release {state.Current} was in its probation when the supervisor ended; going " +
            $"back to release {state.Previous}.");
        _situation.Write(known => known with { Current = known.Previous, Previous = null, Committed = true });
        return state.Previous;
    }

    private async Task WaitForStopAsync(StopSignals signals)
    {
        var first = await Task.WhenAny(signals.First, _stopRequested.Task);
        var who = first == signals.First ? $"signal {await signals.First}" : (await _stopRequested.Task).Name;
        _observer.Information("Stopping", $"Stopping, at the wish of {who}.");
        _service.RecordStop(first == signals.First ? new Operator(who, null) : await _stopRequested.Task);
    }

    private Task StopForAsync(Operator who)
    {
        _stopRequested.TrySetResult(who);
        return _workersGone.Task;
    }

    private async Task StopWorkersAsync(Task atOnce)
    {
        var underWay = _slot.Close();
        await _stopping.CancelAsync();
        if (underWay is not null)
            await Task.WhenAny(underWay.Ended, atOnce);
        if (underWay is { Ended.IsCompleted: false, NewWorker: { } unfinished })
            await unfinished.KillAsync();

        var workers = new[] { _situation.Current, _situation.Draining }.OfType<Worker>().ToList();
        foreach (var worker in workers)
            await StopOneAsync(worker, atOnce);
        _observer.Information("Stopped", "The service is stopped.");
    }

    private async Task StopOneAsync(Worker worker, Task atOnce)
    {
        var stopped = worker.StopAsync(_options.Service.Stop.Signal, _options.Service.Stop.Timeout);
        if (await Task.WhenAny(stopped, atOnce) == atOnce)
            await worker.KillAsync();
        await stopped;
        await worker.DisposeAsync();
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
