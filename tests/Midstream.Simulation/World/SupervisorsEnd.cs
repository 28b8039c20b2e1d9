// A simulated worker's process as one supervisor holds it.

using System.Runtime.InteropServices;
using Midstream.Control.Workers;
using Midstream.Linux;
using Midstream.Simulation.Histories;
using Midstream.Simulation.Scheduling;
using Midstream.Supervisor.Workers;

namespace Midstream.Simulation.World;

internal sealed class SupervisorsEnd : IWorkerProcess
{
    private readonly Era _era;
    private readonly Machine _machine;
    private readonly SimulatedWorker _worker;
    private readonly Queue<WorkerMessage> _received = new();
    private readonly TaskCompletionSource<ProcessExit> _exited = new();
    private readonly TaskCompletionSource _outputEnded = new();
    private TaskCompletionSource<WorkerMessage?>? _waiting;
    private bool _isClosed;

    internal SupervisorsEnd(Era era, Machine machine, SimulatedWorker worker)
    {
        (_era, _machine, _worker) = (era, machine, worker);
        foreach (var unread in worker.Attach(this))
            _received.Enqueue(unread);
    }

    internal SimulatedWorker Worker => _worker;

    internal bool IsDisposed { get; private set; }

    public int Pid => _worker.Pid;

    public Task<ProcessExit> Exited => _exited.Task;

    public IReadOnlyList<string> LastLines => [];

    public Task OutputEnded => _outputEnded.Task;

    public TimeProvider Time => _era.Time;

    public long? ResidentBytes => 1;

    public string? DescribeThreads() => null;

    public (SafeHandle ToOther, SafeHandle ToThis) OpenChannel()
    {
        if (_machine.IsFaulty && _machine.Temper.DescriptorsRunOut && _machine.Dice.OneIn(10))
            throw new LinuxException(Errno.EMFILE, "socketpair", "No channel can be made");
        var pair = new Pair();
        var (toOther, toThis) = (new ChannelEnd(pair), new ChannelEnd(pair));
        _machine.Supervisor?.Held.AddRange([toOther, toThis]);
        return (toOther, toThis);
    }

    public ValueTask SendAsync(
        WorkerMessage message, IReadOnlyList<SafeHandle> descriptors, CancellationToken cancellationToken)
    {
        if (_isClosed)
            throw new ChannelClosedException("The worker is gone.");
        var channel = descriptors.Count > 0 ? (ChannelEnd)descriptors[0] : null;
        _era.TryAffect(() => _worker.Deliver(message, channel));
        return ValueTask.CompletedTask;
    }

    public async ValueTask<WorkerMessage?> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (_received.TryDequeue(out var message))
            return message;
        if (_isClosed)
            return null;
        _waiting = new TaskCompletionSource<WorkerMessage?>();
        var waiting = _waiting;
        using var registration = cancellationToken.UnsafeRegister(
            (_, cancelled) => waiting.TrySetCanceled(cancelled), null);
        return await waiting.Task;
    }

    public async Task<bool> ReceiveNoticeAsync(CancellationToken cancellationToken)
    {
        var never = new TaskCompletionSource<bool>();
        using var registration = cancellationToken.UnsafeRegister((_, cancelled) => never.TrySetCanceled(cancelled), null);
        return await never.Task;
    }

    public void Signal(int signal) => _era.TryAffect(() => _worker.Signal(signal));

    public void SignalGroup(int signal)
    {
        if (!_worker.IsAlive)
            return;
        _era.TryAffect(() =>
        {
            if (_worker.Serves)
                _machine.Law.Killed(_worker);
            _worker.Signal(signal);
        });
    }

    public Task<ProcessRemains> ReleaseAsync()
    {
        IsDisposed = true;
        return Task.FromResult(new ProcessRemains(Pid, 0, null!, null!, "", null!, []));
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        if (!_exited.Task.IsCompleted && !_era.IsDead)
            throw new Violation($"{_worker} was let go of while it lives.");
        _worker.Detach(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>A message arrives, unless its reader is dead.</summary>
    internal void Receive(WorkerMessage message)
    {
        _received.Enqueue(message);
        _machine.After(_machine.Latency(TimeSpan.FromMilliseconds(1)), Wake);
    }

    internal void WorkerEnded(ProcessExit exit)
    {
        // The kernel tells of the end of the channel, of the process and of its output in any order.
        _machine.After(_machine.Latency(TimeSpan.FromMilliseconds(2)), () =>
        {
            _isClosed = true;
            Wake();
        });
        _machine.After(_machine.Latency(TimeSpan.FromMilliseconds(2)), () => _exited.TrySetResult(exit));
        _machine.After(_machine.Latency(TimeSpan.FromMilliseconds(2)), () => _outputEnded.TrySetResult());
    }

    /// <summary>Takes what has arrived and was not read: it stays in the channel for whoever has it next.</summary>
    internal IReadOnlyList<WorkerMessage> TakeUnread()
    {
        WorkerMessage[] unread = [.. _received];
        _received.Clear();
        return unread;
    }

    private void Wake()
    {
        if (_waiting is not { } waiting || waiting.Task.IsCompleted)
            return;
        // Taken before it is given: whoever waits may read on at once.
        if (_received.TryDequeue(out var message))
            waiting.TrySetResult(message);
        else if (_isClosed)
            waiting.TrySetResult(null);
    }
}
