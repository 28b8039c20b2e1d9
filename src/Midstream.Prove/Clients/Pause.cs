using System.Threading.Tasks.Sources;

namespace Midstream.Prove.Clients;

// A client's way to wait, used over and over: Task.Delay would allocate a timer and a task for each request. Whoever stops the
// run can end a wait at once.
internal sealed class Pause : IValueTaskSource, IDisposable
{
    private readonly Timer _timer;
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private int _waiting;

    public Pause() => _timer = new Timer(static state => ((Pause)state!).End(), this, Timeout.Infinite, Timeout.Infinite);

    // One wait at a time. A timer that fires late may end the next wait early, never too late.
    public ValueTask For(TimeSpan time)
    {
        if (time <= TimeSpan.Zero)
            return ValueTask.CompletedTask;
        _core.Reset();
        Volatile.Write(ref _waiting, 1);
        _timer.Change(time, Timeout.InfiniteTimeSpan);
        return new ValueTask(this, _core.Version);
    }

    public void End()
    {
        if (Interlocked.Exchange(ref _waiting, 0) == 1)
            _core.SetResult(true);
    }

    public void Dispose() => _timer.Dispose();

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
