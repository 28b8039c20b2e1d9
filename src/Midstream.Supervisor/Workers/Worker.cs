using Midstream.Control.Workers;
using Midstream.Core.Generations;
using Midstream.Linux;

namespace Midstream.Supervisor.Workers;

/// <summary>
/// One generation's process as the supervisor sees it: what it has said, what it is asked, and how it ended.
/// </summary>
/// <remarks>Thread-safe. Knows nothing of deployments: it asks and answers, others decide.</remarks>
internal sealed class Worker : IAsyncDisposable
{
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(1);

    private readonly ChildProcess _process;
    private readonly WorkerChannel _channel;
    private readonly NotifyListener _notify;
    private readonly WorkerOutput _output;
    private readonly CancellationTokenSource _listening = new();
    private readonly TaskCompletionSource _hello = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string?> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly Task _conversation;
    private GenerationState _state = GenerationState.Starting;
    private TaskCompletionSource _activated = NewSignal();
    private TaskCompletionSource<DrainReport?> _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _resumed = NewSignal();

    public Worker(WorkerBirth birth)
    {
        Generation = birth.Generation;
        Release = birth.Release;
        StartedAt = birth.StartedAt;
        _process = birth.Process;
        _channel = birth.Channel;
        _notify = birth.Notify;
        _output = birth.Output;
        _conversation = Task.WhenAll(ListenAsync(), ListenToNotifyAsync());
    }

    /// <summary>Gets the generation's number.</summary>
    public long Generation { get; }

    /// <summary>Gets the id of the release it was started from.</summary>
    public string Release { get; }

    /// <summary>Gets when it was started, UTC.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>Gets the process id.</summary>
    public int Pid => _process.Pid;

    /// <summary>Gets the process group, which everything it starts belongs to as well.</summary>
    public int ProcessGroup => _process.Pid;

    /// <summary>Gets where the generation stands.</summary>
    public GenerationState State
    {
        get
        {
            lock (_lock)
                return Exited.IsCompleted ? GenerationState.Ended : _state;
        }
    }

    /// <summary>Gets a task with the way it ended.</summary>
    public Task<ProcessExit> Exited => _process.Exited;

    /// <summary>Gets a task that ends when the worker has shown that it speaks the worker protocol.</summary>
    public Task SaidHello => _hello.Task;

    /// <summary>Gets whether the worker speaks the worker protocol: it has a gate, and its connections can be moved.</summary>
    public bool SpeaksMidstream => _hello.Task.IsCompletedSuccessfully;

    /// <summary>Gets whether its connections can be moved, either way.</summary>
    public bool HandsOver { get; private set; }

    /// <summary>Gets a task that ends when the worker says that it is ready; with a reason when it says that it never will
    /// be.</summary>
    public Task<string?> SaidReady => _ready.Task;

    /// <summary>Gets the time from start to ready, in milliseconds; null while it is not ready.</summary>
    public long? ReadyInMs { get; private set; }

    /// <summary>Gets the last lines it wrote, oldest first.</summary>
    public IReadOnlyList<string> LastLines => _output.LastLines;

    /// <summary>Waits until what the worker wrote before its end is in <see cref="LastLines"/>.</summary>
    /// <returns>A task that ends then; soon even if something that the worker started still holds its output.</returns>
    public Task OutputEndedAsync() => Task.WhenAny(_output.Ended, Task.Delay(s_lastWords));

    /// <summary>Gives the worker a connection of the supervisor's own.</summary>
    /// <param name="listener">The listener whose settings it is served with.</param>
    /// <param name="connection">The worker's end; stays the caller's.</param>
    /// <param name="cancellationToken">Ends the wait for room in the channel.</param>
    /// <returns>A task that ends when it is sent.</returns>
    public ValueTask ConnectAsync(int listener, FileDescriptor connection, CancellationToken cancellationToken) =>
        _channel.SendAsync(new ConnectMessage(listener), [connection], cancellationToken);

    /// <summary>Opens the worker's gate.</summary>
    /// <param name="handOver">Its end of the channel from the generation before; null when there is none.</param>
    /// <param name="cancellationToken">Ends the wait for its answer.</param>
    /// <returns>A task that ends when it accepts.</returns>
    public async Task ActivateAsync(FileDescriptor? handOver, CancellationToken cancellationToken)
    {
        var activated = Replace(ref _activated);
        await _channel.SendAsync(new ActivateMessage(), handOver is null ? [] : [handOver], cancellationToken);
        await activated.WaitAsync(cancellationToken);
        Happened(GenerationEvent.Activated);
    }

    /// <summary>Takes note that the worker is ready: by its own word, or because it has answered.</summary>
    public void BecameReady()
    {
        ReadyInMs = (long)(DateTimeOffset.UtcNow - StartedAt).TotalMilliseconds;
        Happened(GenerationEvent.BecameReady);
    }

    /// <summary>Takes note that a program without a gate serves: it does since it listens.</summary>
    public void ServesWithoutGate() => Happened(GenerationEvent.Activated);

    /// <summary>Asks the worker to let go of its connections.</summary>
    /// <param name="handOver">Its end of the channel to the generation that takes them; null when nobody does.</param>
    /// <param name="timeout">The time it has.</param>
    /// <param name="cancellationToken">Ends the wait for its answer.</param>
    /// <returns>What became of the connections; null when the worker died over it.</returns>
    public async Task<DrainReport?> DrainAsync(FileDescriptor? handOver, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Happened(GenerationEvent.DrainBegan);
        Task<DrainReport?> drained;
        lock (_lock)
        {
            _drained = new TaskCompletionSource<DrainReport?>(TaskCreationOptions.RunContinuationsAsynchronously);
            drained = _drained.Task;
        }

        await _channel.SendAsync(new DrainMessage((long)timeout.TotalMilliseconds), handOver is null
            ? [] : [handOver], cancellationToken);
        return await drained.WaitAsync(cancellationToken);
    }

    /// <summary>Takes a drain back: the worker accepts and serves on.</summary>
    /// <param name="cancellationToken">Ends the wait for its answer.</param>
    /// <returns>A task that ends when it accepts again.</returns>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        var resumed = Replace(ref _resumed);
        await _channel.SendAsync(new ResumeMessage(), cancellationToken);
        await resumed.WaitAsync(cancellationToken);
        Happened(GenerationEvent.Resumed);
    }

    /// <summary>Ends the process: asks, waits, and then kills it with all that it started.</summary>
    /// <param name="signal">How a program that does not speak the worker protocol is asked.</param>
    /// <param name="timeout">The time it has.</param>
    /// <returns>How it ended.</returns>
    public async Task<ProcessExit> StopAsync(int signal, TimeSpan timeout)
    {
        Happened(GenerationEvent.StopBegan);
        await AskToStopAsync(signal);
        await Task.WhenAny(Exited, Task.Delay(timeout));
        return await KillAsync();
    }

    /// <summary>Kills the process and all that it started.</summary>
    /// <returns>How it ended.</returns>
    public async Task<ProcessExit> KillAsync()
    {
        // Always, also after an orderly exit: what the worker has left behind holds the service's sockets.
        _process.SignalGroup(Signal.SIGKILL);
        return await Exited;
    }

    /// <summary>Lets go of what the supervisor holds of the process, which must have ended.</summary>
    /// <returns>A task that ends when it is done.</returns>
    public async ValueTask DisposeAsync()
    {
        await _listening.CancelAsync();
        await _conversation;
        await _channel.DisposeAsync();
        _notify.Dispose();
        _process.Dispose();
        _listening.Dispose();
        await OutputEndedAsync();
    }

    // A refused event changes nothing: the worker's process is the truth, and what is asked of it is still asked.
    private void Happened(GenerationEvent what)
    {
        lock (_lock)
            _state = GenerationLifecycle.Next(_state, what).State;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task AskToStopAsync(int signal)
    {
        if (SpeaksMidstream)
        {
            try
            {
                await _channel.SendAsync(new StopMessage(), CancellationToken.None);
                return;
            }
            catch (ChannelClosedException)
            {
                // It has closed the channel but lives: a signal, then.
            }
        }

        _process.Signal(signal);
    }

    private Task Replace(ref TaskCompletionSource signal)
    {
        lock (_lock)
        {
            signal = NewSignal();
            return signal.Task;
        }
    }

    private async Task ListenAsync()
    {
        try
        {
            while (await _channel.ReceiveAsync(_listening.Token) is { } received)
            {
                using (received)
                    Hear(received.Message);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The process is gone or going; Exited tells how.
        }

        EndConversation();
    }

    private void Hear(WorkerMessage message)
    {
        lock (_lock)
        {
            switch (message)
            {
                case HelloMessage hello:
                    HandsOver = hello.Capabilities.Contains(WorkerCapabilities.HandOver);
                    _hello.TrySetResult();
                    break;
                case ReadyMessage:
                    _ready.TrySetResult(null);
                    break;
                case FailedMessage failed:
                    _ready.TrySetResult(failed.Reason);
                    break;
                case ActivatedMessage:
                    _activated.TrySetResult();
                    break;
                case DrainedMessage drained:
                    _drained.TrySetResult(drained.Report);
                    break;
                case ResumedMessage:
                    _resumed.TrySetResult();
                    break;
            }
        }
    }

    // Whoever waits for an answer must not wait for a process that is gone.
    private void EndConversation()
    {
        lock (_lock)
        {
            _drained.TrySetResult(null);
            var gone = new ChannelClosedException("The worker has closed its control channel.");
            _activated.TrySetException(gone);
            _resumed.TrySetException(gone);
            _ = _activated.Task.Exception;
            _ = _resumed.Task.Exception;
        }
    }

    private async Task ListenToNotifyAsync()
    {
        try
        {
            while (true)
            {
                var message = await _notify.ReceiveAsync(_listening.Token);
                if (message.Fields.TryGetValue("READY", out var value) && value == "1")
                    _ready.TrySetResult(null);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The worker is being let go of.
        }
    }
}
