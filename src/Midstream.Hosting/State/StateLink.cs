using System.Collections.Concurrent;
using System.Threading.Channels;
using Midstream.Control.State;
using Midstream.HandOver;
using Midstream.Linux;

namespace Midstream.Hosting.State;

/// <summary>A state that is handed over, and the version of the format the two processes talk in.</summary>
internal readonly record struct LinkedState(IHandedOverState State, int Version);

/// <summary>
/// Either end of the state channel: sends in order, and lets each process carry out the operations of the other one.
/// <list type="bullet">
/// <item>A change is applied to this process's copy before the request that made it ends, and both come in one packet: at the
/// channel's end an unanswered request has not been carried out as far as this process's copy is concerned.</item>
/// <item>What the kernel has taken arrives, also when its sender dies: a change that was sent is not lost with the sender.</item>
/// </list>
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class StateLink : IStateAuthority, IStateMirror, IAsyncDisposable
{
    /// <summary>How long the other process may leave its queue full before it counts as gone.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SeqPacketChannel _channel;
    private readonly Channel<Outgoing> _outgoing = Channel.CreateUnbounded<Outgoing>(
        new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<StateAnswer>> _unanswered = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _mayAsk = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _pump;
    private Task _receiving = Task.CompletedTask;
    private volatile Task _lastSent = Task.CompletedTask;
    private uint _lastRequest;

    /// <summary>Begins to send what is given to it.</summary>
    /// <param name="channel">The channel; owned by this object from now on.</param>
    public StateLink(SeqPacketChannel channel)
    {
        _channel = channel;
        Ended = _ended.Token;
        _pump = Task.Run(PumpAsync);
    }

    /// <summary>Gets what is handed over, by the index that frames use.</summary>
    public IReadOnlyList<LinkedState> States { get; set; } = [];

    /// <summary>Gets a token that is cancelled when the other process is gone and all that it sent has been received.</summary>
    public CancellationToken Ended { get; }

    /// <inheritdoc/>
    public Task Sent => _lastSent;

    /// <summary>Begins to receive.</summary>
    /// <param name="handle">Called for each frame that is no operation, one at a time, with its descriptor; owns it.</param>
    /// <param name="whenEnded">Called at the channel's end, after the last frame and before anybody who waits is told.</param>
    public void Begin(Func<StateFrame, FileDescriptor?, ValueTask> handle, Action whenEnded) =>
        _receiving = Task.Run(() => ReceiveAsync(handle, whenEnded));

    /// <summary>Lets requests go out that have waited for the other process to be in charge.</summary>
    public void AllowRequests() => _mayAsk.TrySetResult();

    /// <summary>Sends a frame after all that were given before it.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="file">A memory file that goes with it; stays the caller's until the task has ended.</param>
    /// <returns>True when the kernel has taken it; false when the other process is gone.</returns>
    public Task<bool> SendAsync(StateFrame frame, FileDescriptor? file = null)
    {
        var outgoing = new Outgoing(frame, file);
        if (!_outgoing.Writer.TryWrite(outgoing))
            outgoing.Sent.TrySetResult(false);
        return outgoing.Sent.Task;
    }

    /// <inheritdoc/>
    public Task AddAsync(ILoggedState state, StateChange change)
    {
        var sent = SendAsync(new StateFrame(
            StateFrameKind.Change, IndexOf(state), change.Request, change.Version, (byte)change.Operation, Status: 0,
            change.Key, change.Value));
        _lastSent = sent;
        return sent;
    }

    /// <inheritdoc/>
    public async ValueTask<StateAnswer> AskAsync(
        ILoggedState state, StateRequest request, CancellationToken cancellationToken)
    {
        await _mayAsk.Task.WaitAsync(cancellationToken);
        var id = Interlocked.Increment(ref _lastRequest);
        var answer = new TaskCompletionSource<StateAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _unanswered[id] = answer;
        if (_ended.IsCancellationRequested)
            EndUnanswered();
        _ = SendAsync(new StateFrame(
            StateFrameKind.Ask, IndexOf(state), id, request.Expected, (byte)request.Operation, Status: 0,
            request.Key, request.Value));
        return await answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Waits until the other process is gone and all that it sent has been received.</summary>
    /// <param name="timeout">How long at most.</param>
    /// <returns>A task that ends then; the channel is closed either way.</returns>
    public async Task OutliveAsync(TimeSpan timeout)
    {
        await Task.WhenAny(_receiving, Task.Delay(timeout));
        await DisposeAsync();
    }

    /// <summary>Closes the channel.</summary>
    /// <returns>A task that ends when nothing is sent or received any more.</returns>
    public async ValueTask DisposeAsync()
    {
        _outgoing.Writer.TryComplete();
        await _channel.DisposeAsync();
        await _pump;
        await _receiving;
    }

    private ushort IndexOf(ILoggedState state)
    {
        for (var index = 0; index < States.Count; index++)
        {
            if (ReferenceEquals(States[index].State, state))
                return (ushort)index;
        }

        throw new InvalidOperationException($"The state \"{state.Name}\" is not among those handed over.");
    }

    private async Task PumpAsync()
    {
        try
        {
            await foreach (var outgoing in _outgoing.Reader.ReadAllAsync())
            {
                await SendNowAsync(outgoing);
                outgoing.Sent.TrySetResult(true);
            }
        }
        catch (OperationCanceledException)
        {
            // It lives and does not read: nobody here may wait for it any longer.
            await _channel.DisposeAsync();
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // What it sent before is still to be received; the receiving side ends the link.
        }

        _outgoing.Writer.TryComplete();
        while (_outgoing.Reader.TryRead(out var unsent))
            unsent.Sent.TrySetResult(false);
    }

    private async Task SendNowAsync(Outgoing outgoing)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            using var body = outgoing.Frame.NeedsFile
                ? MemoryFile.Create("midstream-state-entry", outgoing.Frame.BodyToBytes())
                : null;
            var file = body ?? outgoing.File;
            await _channel.SendAsync(outgoing.Frame.ToBytes(), file is null ? null : [file], patience.Token);
        }
        catch
        {
            outgoing.Sent.TrySetResult(false);
            throw;
        }
    }

    private async Task ReceiveAsync(Func<StateFrame, FileDescriptor?, ValueTask> handle, Action whenEnded)
    {
        try
        {
            while (await _channel.ReceiveAsync() is { } packet)
            {
                using (packet)
                {
                    if (!StateFrame.TryRead(packet.Payload.Span, () => ReadBody(packet), out var frame))
                        break;
                    await HandleAsync(frame, packet, handle);
                }
            }
        }
        catch (Exception broken) when (broken is IOException or ObjectDisposedException or InvalidDataException)
        {
            // The end, in another way.
        }

        _outgoing.Writer.TryComplete();
        whenEnded();
        await _ended.CancelAsync();
        AllowRequests();
        EndUnanswered();
    }

    private async ValueTask HandleAsync(
        StateFrame frame, SeqPacketMessage packet, Func<StateFrame, FileDescriptor?, ValueTask> handle)
    {
        switch (frame.Kind)
        {
            case StateFrameKind.Ask:
                _ = CarryOutAsync(frame);
                break;
            case StateFrameKind.Answer:
                Answer(frame.Request, new StateAnswer((StateStatus)frame.Status, frame.Number, frame.Value));
                break;
            case StateFrameKind.Change:
                Apply(frame);
                break;
            default:
                await handle(frame, packet.Descriptors.Count > 0 ? packet.Take(0) : null);
                break;
        }
    }

    private void Apply(StateFrame frame)
    {
        var linked = Find(frame);
        ((ILoggedState)linked.State).ApplyMirrored(
            new StateChange(frame.Request, (StateOperation)frame.Operation, frame.Number, frame.Key, frame.Value),
            linked.Version);
        if (frame.Request != 0)
            Answer(frame.Request, new StateAnswer(StateStatus.Done, frame.Number));
    }

    private async Task CarryOutAsync(StateFrame frame)
    {
        StateAnswer? answer;
        try
        {
            var linked = Find(frame);
            answer = await ((ILoggedState)linked.State).CarryOutAsync(
                new StateRequest(frame.Request, (StateOperation)frame.Operation, frame.Number, frame.Key, frame.Value),
                linked.Version, Ended);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception)
        {
            // The codec is the application's own code. Who asked gets an exception that says so.
            answer = new StateAnswer(StateStatus.Failed, 0);
        }

        if (answer is { } told)
        {
            await SendAsync(new StateFrame(
                StateFrameKind.Answer, frame.State, frame.Request, told.Version, frame.Operation, (byte)told.Status,
                Value: told.Value));
        }
    }

    private LinkedState Find(StateFrame frame) => frame.State < States.Count && States[frame.State].State is ILoggedState
        ? States[frame.State]
        : throw new InvalidDataException($"The other generation speaks of state {frame.State}, which is not handed over.");

    private void Answer(uint request, StateAnswer answer)
    {
        if (_unanswered.TryRemove(request, out var asked))
            asked.TrySetResult(answer);
    }

    private void EndUnanswered()
    {
        foreach (var id in _unanswered.Keys)
            Answer(id, new StateAnswer(StateStatus.Moved, 0));
    }

    private static byte[]? ReadBody(SeqPacketMessage packet)
    {
        if (packet.Descriptors.Count == 0)
            return null;
        using var file = packet.Take(0);
        return MemoryFile.Read(file, Array.MaxLength);
    }

    private sealed record Outgoing(StateFrame Frame, FileDescriptor? File)
    {
        public TaskCompletionSource<bool> Sent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
