using System.Collections.Concurrent;
using System.IO.Pipelines;

namespace Midstream.Hosting.Transport;

/// <summary>
/// Runs the send loops of many connections on one thread of the pool at a time: what is flushed in several pieces while others
/// are being sent leaves in one packet, by one call of the kernel. A JSON response is two flushes, its text and its end.
/// </summary>
internal sealed class SendQueue : PipeScheduler, IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<(Action<object?> Send, object? State)> _waiting = new();
    private int _isRunning;

    public override void Schedule(Action<object?> action, object? state)
    {
        _waiting.Enqueue((action, state));
        if (Interlocked.CompareExchange(ref _isRunning, 1, 0) == 0)
            System.Threading.ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        do
        {
            while (_waiting.TryDequeue(out var next))
                next.Send(next.State);
            Volatile.Write(ref _isRunning, 0);
            Interlocked.MemoryBarrier();
        }
        // Who came between the look and the flag has seen it set, and relies on this look.
        while (!_waiting.IsEmpty && Interlocked.CompareExchange(ref _isRunning, 1, 0) == 0);
    }
}
