using System.Diagnostics;
using System.Text;
using Midstream.Control.State;
using Midstream.Control.Workers;
using Midstream.HandOver;
using Midstream.Linux;

namespace Midstream.Hosting.State;

// The old generation, step by step            | writers here              | in charge
// --------------------------------------------+---------------------------+-----------
// exports everything, notes what changes      | go on                     | old
// sends what has changed, again and again     | go on                     | old
// freezes, sends the last changes             | wait                      | old
// the new one has read them; charge is sent   | are asked of the new one  | new
// keep: the new one has failed                | go on                     | old

/// <summary>The old generation's end of a hand-over of state. Nothing that fails here changes who is in charge: this process
/// is, until the moment it sends the charge.</summary>
internal sealed class StateGiver : IAsyncDisposable
{
    // With so few changes left the freeze is shorter than another round.
    private const long FewChanges = 256;
    private const int RoundsMax = 5;

    // The supervisor waits longer than this and the freeze together.
    private static readonly TimeSpan s_roundsTime = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan s_lastFrames = TimeSpan.FromSeconds(10);

    private readonly StateLink _link;
    private readonly IReadOnlyList<NamedState> _states;
    private readonly CancellationTokenSource _givenUp = new();
    private readonly TaskCompletionSource<StateChoice> _choice = NewSignal<StateChoice>();
    private readonly TaskCompletionSource<bool> _inCharge = NewSignal<bool>();
    private readonly Lock _lock = new();
    private TaskCompletionSource<bool> _roundRead = NewSignal<bool>();
    private readonly Task<StateExportedMessage> _exported;
    private Task _handingOver = Task.CompletedTask;
    private uint _round;
    private volatile string? _refusal;

    /// <summary>Begins to export.</summary>
    /// <param name="channel">The channel to the new generation; owned by this object from now on.</param>
    /// <param name="states">The application's states.</param>
    public StateGiver(SeqPacketChannel channel, IReadOnlyList<NamedState> states)
    {
        _states = states;
        _link = new StateLink(channel);
        _link.Begin(Handle, static () => { });
        _exported = Task.Run(ExportAsync);
    }

    /// <summary>Gets a task with how the export went: ended when the new generation has read everything.</summary>
    public Task<StateExportedMessage> Exported => _exported;

    /// <summary>Gets whether the new generation has been put in charge.</summary>
    public bool HasGivenCharge { get; private set; }

    /// <summary>Freezes the states, sends what has changed, and puts the new generation in charge.</summary>
    /// <param name="freezeMax">The longest time writers may wait.</param>
    /// <returns>How it went; with a fault when this process is still in charge.</returns>
    public Task<StateHandedOverMessage> HandOverAsync(TimeSpan freezeMax)
    {
        var handingOver = HandOverNowAsync(freezeMax);
        _handingOver = handingOver;
        return handingOver;
    }

    /// <summary>Takes the hand-over back: this process is in charge. Returns when it is.</summary>
    /// <returns>A task that ends when the copies have every change that the new generation made known.</returns>
    public async Task KeepAsync()
    {
        await _givenUp.CancelAsync();
        await _handingOver;
        if (HasGivenCharge)
            await _link.OutliveAsync(s_lastFrames);
        else
            await _link.DisposeAsync();
        await _exported;
        Thaw();
    }

    /// <summary>Closes the channel, and changes nothing else: the process ends.</summary>
    /// <returns>A task that ends when it is closed.</returns>
    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private async Task<StateExportedMessage> ExportAsync()
    {
        var time = Stopwatch.StartNew();
        try
        {
            await _link.SendAsync(new StateFrame(StateFrameKind.Catalogue, Value: new StateCatalogue(
                [.. _states.Select(named => new StateOffer(named.Name, named.State.Writes))]).ToBytes()));
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_givenUp.Token, _link.Ended);
            var choice = await _choice.Task.WaitAsync(either.Token);
            _link.States = [.. choice.States.Select(chosen => new LinkedState(
                _states.Single(named => named.Name == chosen.Name).State, chosen.Version))];
            // Requests of the new one are answered from here on: it must not ask before it knows the choice to be heard.
            foreach (var state in Logged())
                state.BeginLog();
            await SendWholeAsync(static _ => true, _givenUp.Token);
            // As long as it takes to read: the supervisor knows how long the new generation may take to start.
            await EndRoundAsync(either.Token);
            return new StateExportedMessage(time.ElapsedMilliseconds);
        }
        catch (Exception failed)
        {
            return new StateExportedMessage(time.ElapsedMilliseconds, await RefuseAsync(failed));
        }
    }

    private async Task<StateHandedOverMessage> HandOverNowAsync(TimeSpan freezeMax)
    {
        var frozen = new Stopwatch();
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_givenUp.Token, _link.Ended);
            patience.CancelAfter(s_roundsTime);
            await _exported.WaitAsync(patience.Token);
            if (_refusal is { } refusal)
                return new StateHandedOverMessage(0, 0, refusal);
            for (var round = 0; round < RoundsMax && await SendChangesAsync(patience.Token) > FewChanges; round++)
                await EndRoundAsync(patience.Token);

            frozen.Start();
            patience.CancelAfter(freezeMax);
            var changes = await FreezeAsync(patience.Token);
            await EndRoundAsync(patience.Token);
            await GiveChargeAsync();
            // It is in charge whether it says so or not. If it never does, the supervisor has to end it.
            await _inCharge.Task.WaitAsync(patience.Token);
            return new StateHandedOverMessage(frozen.Elapsed.TotalMilliseconds, changes);
        }
        catch (Exception failed) when (HasGivenCharge)
        {
            return new StateHandedOverMessage(frozen.Elapsed.TotalMilliseconds, 0, Explain(failed, frozen, freezeMax));
        }
        catch (Exception failed)
        {
            Thaw();
            var reason = Explain(failed, frozen, freezeMax);
            await _link.DisposeAsync();
            return new StateHandedOverMessage(frozen.Elapsed.TotalMilliseconds, 0, reason);
        }
    }

    private async Task<long> FreezeAsync(CancellationToken patience)
    {
        foreach (var linked in _link.States)
            await linked.State.FreezeAsync(patience);
        var changes = await SendChangesAsync(patience);
        await SendWholeAsync(static state => state is not ILoggedState, patience);
        return changes;
    }

    // Nobody here may read any more before the new one may write: so first everybody here has to ask, then it is in charge, and
    // only then are they heard.
    private async Task GiveChargeAsync()
    {
        foreach (var linked in _link.States)
        {
            if (linked.State is ILoggedState logged)
                logged.Follow(_link, linked.Version);
        }

        if (!await _link.SendAsync(new StateFrame(StateFrameKind.Charge)))
            throw new ChannelClosedException("The new generation is gone.");
        HasGivenCharge = true;
        foreach (var state in Logged())
            state.EndLog();
        _link.AllowRequests();
    }

    private void Thaw()
    {
        HasGivenCharge = false;
        foreach (var (_, state) in _states)
        {
            if (state is ILoggedState logged)
            {
                logged.EndLog();
                logged.TakeCharge(mirror: null, version: 0);
            }
            else
            {
                state.Thaw();
            }
        }
    }

    private async Task SendWholeAsync(Func<IHandedOverState, bool> which, CancellationToken cancellationToken)
    {
        for (var index = 0; index < _link.States.Count; index++)
        {
            var (state, version) = _link.States[index];
            if (!which(state))
                continue;
            await using var stream = new MemoryFileWriteStream($"midstream-state-{index}");
            await state.ExportAsync(stream, version, cancellationToken);
            await SendFileAsync(new StateFrame(StateFrameKind.Whole, (ushort)index, _round, stream.Length), stream);
        }
    }

    private async Task<long> SendChangesAsync(CancellationToken cancellationToken)
    {
        var all = 0L;
        for (var index = 0; index < _link.States.Count; index++)
        {
            var (state, version) = _link.States[index];
            if (state is not ILoggedState logged)
                continue;
            cancellationToken.ThrowIfCancellationRequested();
            await using var stream = new MemoryFileWriteStream($"midstream-state-{index}");
            var changes = logged.ExportChanges(stream, version);
            await SendFileAsync(new StateFrame(StateFrameKind.Changes, (ushort)index, _round, changes), stream);
            all += changes;
        }

        return all;
    }

    private async Task SendFileAsync(StateFrame frame, MemoryFileWriteStream stream)
    {
        using var file = stream.Seal();
        if (!await _link.SendAsync(frame, file))
            throw new ChannelClosedException(_refusal ?? "The new generation is gone.");
    }

    private async Task EndRoundAsync(CancellationToken cancellationToken)
    {
        Task read;
        lock (_lock)
        {
            _roundRead = NewSignal<bool>();
            read = _roundRead.Task;
        }

        await _link.SendAsync(new StateFrame(StateFrameKind.RoundEnd, Request: _round));
        await read.WaitAsync(cancellationToken);
        _round++;
    }

    private async ValueTask Handle(StateFrame frame, FileDescriptor? file)
    {
        file?.Dispose();
        switch (frame.Kind)
        {
            case StateFrameKind.Choice when StateChoice.Read(frame.Value.Span) is { } choice:
                _choice.TrySetResult(choice);
                break;
            case StateFrameKind.RoundRead:
                lock (_lock)
                {
                    if (frame.Request == _round)
                        _roundRead.TrySetResult(true);
                }

                break;
            case StateFrameKind.InCharge:
                _inCharge.TrySetResult(true);
                break;
            case StateFrameKind.Refused:
                _refusal = Encoding.UTF8.GetString(frame.Value.Span);
                await _givenUp.CancelAsync();
                break;
        }
    }

    private async Task<string> RefuseAsync(Exception failed)
    {
        foreach (var state in Logged())
            state.EndLog();
        _refusal ??= failed is OperationCanceledException
            ? "The new generation is gone."
            : $"The generation that serves could not export its state: {failed.Message}";
        await _link.SendAsync(new StateFrame(StateFrameKind.Refused, Value: Encoding.UTF8.GetBytes(_refusal)));
        return _refusal;
    }

    private string Explain(Exception failed, Stopwatch frozen, TimeSpan freezeMax)
    {
        if (_refusal is { } refusal)
            return refusal;
        if (_link.Ended.IsCancellationRequested || failed is IOException)
            return "The new generation was gone before it had the last changes of the state.";
        if (failed is OperationCanceledException && frozen.IsRunning)
            return $"The new generation had not read the last changes of the state within {freezeMax.TotalMilliseconds:0} ms. " +
                "Make the state smaller or its import faster, or raise \"state\": {\"freeze_ms_max\": ...}.";
        return $"The state could not be handed over: {failed.Message}";
    }

    private IEnumerable<ILoggedState> Logged() => _link.States.Select(linked => linked.State).OfType<ILoggedState>();

    private static TaskCompletionSource<T> NewSignal<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
