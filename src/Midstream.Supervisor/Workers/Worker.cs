using System.Runtime.InteropServices;
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

    private readonly IWorkerProcess _process;
    private readonly CancellationTokenSource _listening = new();
    private readonly TaskCompletionSource _hello = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string?> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly List<Awaited> _awaited = [];
    private readonly Task _conversation;
    private readonly long _born;
    private readonly Action? _onGone;
    private bool _channelEnded;
    private Task? _letGo;
    private GenerationState _state = GenerationState.Starting;

    public Worker(WorkerBirth birth)
    {
        Name = birth.Name;
        Slot = birth.Past?.Slot ?? birth.Name.Slot;
        Release = birth.Release;
        Modules = birth.Modules;
        StartedAt = birth.StartedAt;
        _process = birth.Process;
        _born = Time.GetTimestamp();
        _onGone = birth.OnGone;
        if (birth.Past is { } past)
            Remember(past);
        _conversation = Task.WhenAll(ListenAsync(), ListenToNotifyAsync());
    }

    /// <summary>Raised for every message of the worker, on the thread that reads them; must not block.</summary>
    public event Action<WorkerMessage>? Heard;

    /// <summary>Gets the worker's name: its generation and the slot it was started for.</summary>
    public WorkerName Name { get; }

    /// <summary>Gets its place among the service's workers, counted from 1; 0 while it has none.</summary>
    public int Slot { get; private set; }

    /// <summary>Gets the generation's number.</summary>
    public long Generation => Name.Generation;

    /// <summary>Gets the id of the release it was started from.</summary>
    public string Release { get; }

    /// <summary>Gets the set of modules it was given at its birth; null when it was given none, or by a supervisor
    /// before.</summary>
    public string? Modules { get; }

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

    /// <summary>Gets whether its singular services ran when it was taken over.</summary>
    public bool HeldLease { get; private set; }

    /// <summary>Gets whether it may not have run them, although it was told to, when it was taken over.</summary>
    public bool WasLeaseInDoubt { get; private set; }

    /// <summary>Gets whether it accepted nothing, because the service was paused, when it was taken over.</summary>
    public bool WasPaused { get; private set; }

    /// <summary>Gets or sets whether it may not be in charge of its state although nobody else is: it was late to say
    /// so.</summary>
    public bool IsStateInDoubt { get; set; }

    /// <summary>Gets or sets whether it is known to hang: nothing is asked of it any more, it is ended.</summary>
    public bool IsHung { get; set; }

    /// <summary>Gets a task with the way it ended.</summary>
    public Task<ProcessExit> Exited => _process.Exited;

    /// <summary>Gets a task that ends when the worker has shown that it speaks the worker protocol.</summary>
    public Task SaidHello => _hello.Task;

    /// <summary>Gets whether the worker speaks the worker protocol: it has a gate, and its connections can be moved.</summary>
    public bool SpeaksMidstream => _hello.Task.IsCompletedSuccessfully;

    /// <summary>Gets whether its connections can be moved, either way.</summary>
    public bool HandsOver => Capabilities.Contains(WorkerCapabilities.HandOver);

    /// <summary>Gets what the worker can do, as its hello says; empty before that.</summary>
    public IReadOnlyList<string> Capabilities { get; private set; } = [];

    /// <summary>Gets a task that ends when the worker says that it is ready; with a reason when it says that it never will
    /// be.</summary>
    public Task<string?> SaidReady => _ready.Task;

    /// <summary>Gets the time from start to ready, in milliseconds; null while it is not ready.</summary>
    public long? ReadyInMs { get; private set; }

    /// <summary>Gets the last lines it wrote, oldest first.</summary>
    public IReadOnlyList<string> LastLines => _process.LastLines;

    /// <summary>Gets the clock by which it is waited for.</summary>
    public TimeProvider Time => _process.Time;

    /// <summary>Gets the memory it has, in bytes; null when that is not to be known.</summary>
    public long? ResidentBytes => _process.ResidentBytes;

    /// <summary>Describes what its threads are doing.</summary>
    /// <returns>Lines; null when the process is gone.</returns>
    public string? DescribeThreads() => _process.DescribeThreads();

    /// <summary>Makes a channel between this worker and another.</summary>
    /// <returns>Its two ends, to be sent to one of them each; the caller's.</returns>
    /// <exception cref="LinuxException">The supervisor has no descriptors left.</exception>
    public (SafeHandle ToOther, SafeHandle ToThis) OpenChannel() => _process.OpenChannel();

    /// <summary>Waits until what the worker wrote before its end is in <see cref="LastLines"/>.</summary>
    /// <returns>A task that ends then; soon even if something that the worker started still holds its output.</returns>
    public Task OutputEndedAsync() => Task.WhenAny(_process.OutputEnded, Task.Delay(s_lastWords, Time));

    /// <summary>Gives the worker a connection of the supervisor's own.</summary>
    /// <param name="listener">The listener whose settings it is served with.</param>
    /// <param name="connection">The worker's end; stays the caller's.</param>
    /// <param name="cancellationToken">Ends the wait for room in the channel.</param>
    /// <returns>A task that ends when it is sent.</returns>
    public ValueTask ConnectAsync(int listener, SafeHandle connection, CancellationToken cancellationToken) =>
        _process.SendAsync(new ConnectMessage(listener), [connection], cancellationToken);

    /// <summary>Asks the worker something and waits for its answer.</summary>
    /// <typeparam name="TAnswer">The kind of message that answers.</typeparam>
    /// <param name="question">What is asked.</param>
    /// <param name="descriptors">Descriptors that go with it; they stay the caller's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="isAnswer">Tells the answer from one to another question of that kind, which may be late; null when there can
    /// be no other.</param>
    /// <returns>The next message of that kind.</returns>
    /// <exception cref="ChannelClosedException">The worker has died or closed its channel.</exception>
    public async Task<TAnswer> AskAsync<TAnswer>(
        WorkerMessage question, IReadOnlyList<SafeHandle> descriptors, CancellationToken cancellationToken,
        Func<TAnswer, bool>? isAnswer = null)
        where TAnswer : WorkerMessage
    {
        // Awaited before it is asked for: the answer may be here before the question's sending has returned.
        var awaited = Await(message => message is TAnswer answer && isAnswer?.Invoke(answer) != false);
        try
        {
            await _process.SendAsync(question, descriptors, cancellationToken);
            return (TAnswer)await awaited.Answer.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Forget(awaited);
        }
    }

    /// <summary>Puts the worker in service: it opens its gate.</summary>
    /// <param name="handOver">Its end of the channel from the generation before; null when there is none.</param>
    /// <param name="isPaused">The service is paused: all but the gate.</param>
    /// <param name="cancellationToken">Ends the wait for its answer.</param>
    /// <returns>A task that ends when it is in service.</returns>
    public async Task ActivateAsync(SafeHandle? handOver, bool isPaused, CancellationToken cancellationToken)
    {
        await AskAsync<ActivatedMessage>(
            new ActivateMessage(isPaused ? true : null), handOver is null ? [] : [handOver], cancellationToken);
        Happened(GenerationEvent.Activated);
        // A worker of an older version does not know the wish and has opened its gate.
        if (isPaused)
            await PauseAsync(cancellationToken);
    }

    /// <summary>Gives a worker a slot that was started without one. Its name stays what it was.</summary>
    /// <param name="slot">The slot, from 1.</param>
    public void Assign(int slot) => Slot = slot;

    /// <summary>Takes note that the worker is ready: by its own word, or because it has answered.</summary>
    public void BecameReady()
    {
        ReadyInMs = (long)Time.GetElapsedTime(_born).TotalMilliseconds;
        Happened(GenerationEvent.BecameReady);
    }

    /// <summary>Takes note that a program without a gate serves: it does since it listens.</summary>
    public void ServesWithoutGate() => Happened(GenerationEvent.Activated);

    /// <summary>Asks the worker to let go of its connections.</summary>
    /// <param name="handOver">Its end of the channel to the generation that takes them; null when nobody does.</param>
    /// <param name="timeout">The time it has.</param>
    /// <param name="cancellationToken">Ends the wait for its answer.</param>
    /// <returns>What became of the connections; null when the worker died over it.</returns>
    public async Task<DrainReport?> DrainAsync(SafeHandle? handOver, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Happened(GenerationEvent.DrainBegan);
        try
        {
            var drained = await AskAsync<DrainedMessage>(
                new DrainMessage((long)timeout.TotalMilliseconds), handOver is null ? [] : [handOver], cancellationToken);
            return drained.Report;
        }
        catch (ChannelClosedException)
        {
            return null;
        }
    }

    /// <summary>Closes the worker's gate and nothing else.</summary>
    /// <param name="cancellationToken">Ends the wait for its answer.</param>
    /// <returns>A task that ends when it accepts nothing more.</returns>
    public Task PauseAsync(CancellationToken cancellationToken) =>
        AskAsync<PausedMessage>(new PauseMessage(), [], cancellationToken);

    /// <summary>Takes a drain or a pause back: the worker accepts and serves on.</summary>
    /// <param name="isPaused">The service is paused: the drain alone.</param>
    /// <param name="cancellationToken">Ends the wait for its answer.</param>
    /// <returns>A task that ends when it serves on.</returns>
    public async Task ResumeAsync(bool isPaused, CancellationToken cancellationToken)
    {
        await AskAsync<ResumedMessage>(new ResumeMessage(isPaused ? true : null), [], cancellationToken);
        Happened(GenerationEvent.Resumed);
        if (isPaused)
            await PauseAsync(cancellationToken);
    }

    /// <summary>Ends the process: asks, waits, and then kills it with all that it started.</summary>
    /// <param name="signal">How a program that does not speak the worker protocol is asked.</param>
    /// <param name="timeout">The time it has.</param>
    /// <returns>How it ended.</returns>
    public async Task<ProcessExit> StopAsync(int signal, TimeSpan timeout)
    {
        Happened(GenerationEvent.StopBegan);
        await AskToStopAsync(signal);
        await Task.WhenAny(Exited, Task.Delay(timeout, Time));
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

    /// <summary>Lets go of what the supervisor holds of the process, which must have ended. Whoever comes second waits for the
    /// first: a stop at once and the operation it has met both let go.</summary>
    /// <returns>A task that ends when it is done.</returns>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
            return new ValueTask(_letGo ??= LetGoAsync());
    }

    private async Task LetGoAsync()
    {
        // Not under the lock of whoever asked.
        await Task.Yield();
        await _listening.CancelAsync();
        await _conversation;
        await _process.DisposeAsync();
        _listening.Dispose();
        await OutputEndedAsync();
        _onGone?.Invoke();
    }

    /// <summary>Lets go of the worker without ending it, for the program that this process is about to become.</summary>
    /// <returns>All that the next program needs to go on with it.</returns>
    /// <param name="holdsLease">Whether its singular services run.</param>
    /// <param name="isLeaseInDoubt">Whether they may not, although it was told to run them.</param>
    public async Task<WorkerRemains> ReleaseAsync(bool holdsLease, bool isLeaseInDoubt)
    {
        await _listening.CancelAsync();
        await _conversation;
        var process = await _process.ReleaseAsync();
        var past = new WorkerPast(
            State, SpeaksMidstream ? Capabilities : null, ReadyInMs, holdsLease, Slot: Slot, IsLeaseInDoubt: isLeaseInDoubt,
            IsStateInDoubt: IsStateInDoubt);
        return new WorkerRemains(Name, Release, StartedAt, past, process);
    }

    // A refused event changes nothing: the worker's process is the truth, and what is asked of it is still asked.
    private void Happened(GenerationEvent what)
    {
        lock (_lock)
            _state = GenerationLifecycle.Next(_state, what).State;
    }

    private void Remember(WorkerPast past)
    {
        _state = past.State;
        HeldLease = past.HoldsLease;
        (WasLeaseInDoubt, IsStateInDoubt) = (past.IsLeaseInDoubt, past.IsStateInDoubt);
        WasPaused = past.IsPaused;
        ReadyInMs = past.ReadyInMs;
        if (past.State != GenerationState.Starting)
            _ready.TrySetResult(null);
        if (past.Capabilities is not { } capabilities)
            return;
        Capabilities = capabilities;
        _hello.TrySetResult();
    }

    // It stood still when it was taken over, and passed for a program that does not speak with us.
    private void Recognize(IdentityMessage identity)
    {
        Capabilities = identity.Hello.Capabilities;
        HeldLease = identity.Hello.HoldsLease == true;
        _hello.TrySetResult();
        // It counts as one that serves; that its gate is closed may be because it was on its way out.
        if (identity is { GateIsOpen: false, IsPaused: not true })
            _ = _process.SendAsync(new ResumeMessage(), [], _listening.Token).AsTask()
                .ContinueWith(static sent => _ = sent.Exception, TaskScheduler.Default);
    }

    private async Task AskToStopAsync(int signal)
    {
        if (SpeaksMidstream)
        {
            try
            {
                await _process.SendAsync(new StopMessage(), [], CancellationToken.None);
                return;
            }
            catch (ChannelClosedException)
            {
                // It has closed the channel but lives: a signal, then.
            }
        }

        _process.Signal(signal);
    }

    private async Task ListenAsync()
    {
        try
        {
            while (await _process.ReceiveAsync(_listening.Token) is { } message)
                Hear(message);
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The process is gone or going; Exited tells how.
        }

        EndConversation();
    }

    private void Hear(WorkerMessage message)
    {
        switch (message)
        {
            case HelloMessage hello:
                Capabilities = hello.Capabilities;
                _hello.TrySetResult();
                break;
            case ReadyMessage:
                _ready.TrySetResult(null);
                break;
            case FailedMessage failed:
                _ready.TrySetResult(failed.Reason);
                break;
            case IdentityMessage identity when !SpeaksMidstream:
                Recognize(identity);
                break;
        }

        foreach (var awaited in TakeAwaited(message))
            awaited.Answer.TrySetResult(message);
        Heard?.Invoke(message);
    }

    private List<Awaited> TakeAwaited(WorkerMessage message)
    {
        lock (_lock)
        {
            var taken = _awaited.FindAll(awaited => awaited.IsAnsweredBy(message));
            _awaited.RemoveAll(taken.Contains);
            return taken;
        }
    }

    private Awaited Await(Func<WorkerMessage, bool> isAnsweredBy)
    {
        var awaited = new Awaited(isAnsweredBy, new(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock)
        {
            if (_channelEnded)
                awaited.Answer.SetException(Gone());
            else
                _awaited.Add(awaited);
        }

        return awaited;
    }

    private void Forget(Awaited awaited)
    {
        lock (_lock)
            _awaited.Remove(awaited);
        // Nobody looks at it any more.
        _ = awaited.Answer.Task.Exception;
    }

    // Whoever waits for an answer must not wait for a process that is gone.
    private void EndConversation()
    {
        lock (_lock)
        {
            _channelEnded = true;
            foreach (var awaited in _awaited)
                awaited.Answer.TrySetException(Gone());
            _awaited.Clear();
        }
    }

    private static ChannelClosedException Gone() => new("The worker has closed its control channel.");

    private async Task ListenToNotifyAsync()
    {
        try
        {
            while (true)
            {
                if (await _process.ReceiveNoticeAsync(_listening.Token))
                    _ready.TrySetResult(null);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The worker is being let go of.
        }
    }

    private sealed record Awaited(Func<WorkerMessage, bool> IsAnsweredBy, TaskCompletionSource<WorkerMessage> Answer);
}
