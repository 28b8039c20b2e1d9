using Microsoft.Extensions.Logging;
using Midstream.Control.Workers;
using Midstream.HandOver;
using Midstream.Hosting.Worker;
using Midstream.Linux;

namespace Midstream.Hosting.State;

/// <summary>The application's states in the conversation with the supervisor: imported before the application starts, exported
/// and handed over when a newer generation comes.</summary>
internal sealed partial class StatePart : IWorkerPart, IAsyncDisposable
{
    private readonly IReadOnlyList<NamedState> _own;
    private readonly IReadOnlyList<IStateSource> _sources;
    private readonly ISupervisorLink _supervisor;
    private readonly FdPoller _poller;
    private readonly ILogger<StatePart> _logger;
    private readonly TaskCompletionSource _imported = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StateTaker? _taker;
    private StateGiver? _giver;
    private bool _isAlone;

    /// <summary>Makes the states wait for the supervisor to say where they come from.</summary>
    /// <exception cref="InvalidOperationException">Two states have the same name.</exception>
    public StatePart(
        IEnumerable<IHandedOverState> states, IEnumerable<IStateSource> sources, ISupervisorLink supervisor, FdPoller poller,
        ILogger<StatePart> logger)
    {
        _own = [.. states.Select(state => new NamedState(state.Name, state))];
        _sources = [.. sources];
        if (_own.GroupBy(state => state.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new InvalidOperationException($"Two states are named \"{twice.Key}\"; each needs a name of its own.");
        _supervisor = supervisor;
        _poller = poller;
        _logger = logger;
        foreach (var state in Logged())
            state.Wait();
        foreach (var source in _sources)
            source.Govern();
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Capabilities => HandsOver ? [WorkerCapabilities.State] : [];

    /// <summary>Gets a task that ends when the states can be used.</summary>
    public Task Imported => HandsOver ? _imported.Task : Task.CompletedTask;

    // A source may have its first state later.
    private bool HandsOver => _own.Count > 0 || _sources.Count > 0;

    private bool IsInCharge => (_isAlone || _taker is { IsInCharge: true }) && _giver is not { HasGivenCharge: true };

    /// <inheritdoc/>
    public HelloMessage Complete(HelloMessage hello) =>
        HandsOver ? hello with { InChargeOfState = IsInCharge } : hello;

    /// <inheritdoc/>
    public async ValueTask<bool> TryHandleAsync(ReceivedWorkerMessage received, CancellationToken cancellationToken)
    {
        switch (received.Message)
        {
            case ImportStateMessage:
                _ = ImportAsync(received.TakeDescriptor());
                return true;
            case ExportStateMessage when received.TakeDescriptor() is { } channel:
                await ExportAsync(channel);
                return true;
            case HandOverStateMessage handOver:
                _ = HandOverAsync(TimeSpan.FromMilliseconds(handOver.FreezeMsMax));
                return true;
            case KeepStateMessage:
                _ = KeepAsync();
                return true;
            case TakeStateMessage:
                _ = TakeAsync();
                return true;
            default:
                return false;
        }
    }

    /// <summary>Closes the channels to other generations.</summary>
    /// <returns>A task that ends when they are closed.</returns>
    public async ValueTask DisposeAsync()
    {
        if (_taker is { } taker)
            await taker.DisposeAsync();
        if (_giver is { } giver)
            await giver.DisposeAsync();
    }

    private async Task ImportAsync(FileDescriptor? channel)
    {
        if (channel is null)
        {
            BeInChargeAlone();
            await _supervisor.SayAsync(new StateImportedMessage(0, 0, 0));
            return;
        }

        _taker = new StateTaker(new SeqPacketChannel(channel, _poller), await HoldAsync(), Release);
        var imported = await _taker.Imported;
        await _supervisor.SayAsync(imported);
        if (imported.Fault is { } fault)
        {
            // The application must not start with half a state; the supervisor ends this process.
            LogNotImported(fault);
            return;
        }

        LogImported(imported.States, imported.SizeBytes, imported.DurationMs);
        _imported.TrySetResult();
    }

    private async Task ExportAsync(FileDescriptor channel)
    {
        if (_giver is { } last)
            await last.KeepAsync();
        if (_taker is { } taker)
        {
            await taker.DisposeAsync();
            _taker = null;
            BeInChargeAlone();
        }

        // What was held for the attempt before this one.
        Release();
        _giver = new StateGiver(new SeqPacketChannel(channel, _poller), await HoldAsync());
        _ = SayExportedAsync(_giver);
    }

    private async Task SayExportedAsync(StateGiver giver) => await _supervisor.SayAsync(await giver.Exported);

    private async Task HandOverAsync(TimeSpan freezeMax)
    {
        var handedOver = _giver is { } giver
            ? await giver.HandOverAsync(freezeMax)
            : new StateHandedOverMessage(0, 0, "No export of the state was asked for before.");
        if (handedOver.Fault is { } fault)
            LogNotHandedOver(fault);
        else
            LogHandedOver(handedOver.FreezeMs, handedOver.Changes);
        await _supervisor.SayAsync(handedOver);
    }

    private async Task KeepAsync()
    {
        if (_giver is { } giver)
            await giver.KeepAsync();
        _giver = null;
        Release();
        LogKept();
        await _supervisor.SayAsync(new StateKeptMessage());
    }

    private async Task TakeAsync()
    {
        if (_taker is { } taker)
            await taker.TakeChargeAloneAsync();
        else
            BeInChargeAlone();
        _imported.TrySetResult();
        Release();
        await _supervisor.SayAsync(new StateTakenMessage());
    }

    private void BeInChargeAlone()
    {
        _isAlone = true;
        foreach (var state in Logged())
            state.TakeCharge(mirror: null, version: 0);
        _imported.TrySetResult();
    }

    private IEnumerable<ILoggedState> Logged() => Present().Select(named => named.State).OfType<ILoggedState>();

    private IEnumerable<NamedState> Present() => _own.Concat(_sources.SelectMany(source => source.States));

    private async Task<IReadOnlyList<NamedState>> HoldAsync()
    {
        foreach (var source in _sources)
            await source.HoldAsync();
        return [.. Present()];
    }

    private void Release()
    {
        foreach (var source in _sources)
            source.Release();
    }

    [LoggerMessage(EventId = 140, EventName = "StateImported", Level = LogLevel.Information,
        Message = "{States} states ({SizeBytes} bytes) imported from the previous generation in {DurationMs} ms.")]
    private partial void LogImported(int states, long sizeBytes, long durationMs);

    [LoggerMessage(EventId = 141, EventName = "StateNotImported", Level = LogLevel.Error,
        Message = "No state was imported, so this generation cannot serve. {Reason}")]
    private partial void LogNotImported(string reason);

    [LoggerMessage(EventId = 142, EventName = "StateHandedOver", Level = LogLevel.Information,
        Message = "The next generation is in charge of the state. Writers waited {FreezeMs} ms for {Changes} last changes.")]
    private partial void LogHandedOver(double freezeMs, long changes);

    [LoggerMessage(EventId = 143, EventName = "StateNotHandedOver", Level = LogLevel.Warning,
        Message = "The state was not handed over. {Reason}")]
    private partial void LogNotHandedOver(string reason);

    [LoggerMessage(EventId = 144, EventName = "StateKept", Level = LogLevel.Information,
        Message = "This generation is in charge of its state.")]
    private partial void LogKept();
}
