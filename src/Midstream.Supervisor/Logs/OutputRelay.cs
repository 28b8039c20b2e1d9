using System.Text;

namespace Midstream.Supervisor.Logs;

/// <summary>
/// Takes a worker's lines to the observer without making the worker wait for it: a terminal that is stopped or a journal that
/// is slow costs lines there, which are counted and reported, and none in the log.
/// </summary>
/// <param name="generation">The worker's generation.</param>
/// <param name="observer">Takes the lines, in order, one at a time.</param>
/// <remarks>Thread-safe. Uses a thread only while there is something to take.</remarks>
internal sealed class OutputRelay(long generation, ISupervisorObserver observer)
{
    /// <summary>The most that waits for the observer, in bytes; what does not fit is dropped, newest lines first.</summary>
    public const int BoundBytes = 8 * 1024 * 1024;

    private readonly Lock _lock = new();
    private LineBuffer _waiting = new(BoundBytes);
    private LineBuffer _taken = new(BoundBytes);
    private long _dropped;
    private TaskCompletionSource? _busy;

    /// <summary>Gets a task that ends when all that was posted has been taken or dropped.</summary>
    public Task Idle
    {
        get
        {
            lock (_lock)
                return _busy?.Task ?? Task.CompletedTask;
        }
    }

    /// <summary>Posts lines.</summary>
    /// <param name="bytes">The lines; not looked at after the return.</param>
    public void Post(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            // A line feed is added: lines from the end of the output and pieces of long ones have none.
            var ended = bytes[^1] == '\n';
            if (_waiting.TryExtend(bytes.Length + (ended ? 0 : 1), out var room))
            {
                bytes.CopyTo(room);
                room[^1] = (byte)'\n';
            }
            else
            {
                _dropped += bytes.Count((byte)'\n') + (ended ? 0 : 1);
            }

            if (_busy is not null)
                return;
            _busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            ThreadPool.UnsafeQueueUserWorkItem(static relay => relay.Run(), this, preferLocal: false);
        }
    }

    private void Run()
    {
        while (TakeOver(out var dropped))
        {
            foreach (var line in new OutputLines(_taken.Bytes))
                Hand(Encoding.UTF8.GetString(line));
            if (dropped > 0)
                observer.Warning("OutputNotShown", $"{dropped} lines of generation {generation} were not shown: whoever reads " +
                    "the supervisor's output is too slow. They are in the log.");
        }
    }

    private bool TakeOver(out long dropped)
    {
        lock (_lock)
        {
            (_waiting, _taken) = (_taken, _waiting);
            _waiting.Clear();
            dropped = _dropped;
            _dropped = 0;
            if (!_taken.IsEmpty)
                return true;
            _busy?.TrySetResult();
            _busy = null;
            return false;
        }
    }

    private void Hand(string line)
    {
        try
        {
            observer.OnOutput(generation, line);
        }
        catch (IOException)
        {
            // The output is closed or its disk is full. The line is in the log, and the next one may pass.
        }
    }
}
