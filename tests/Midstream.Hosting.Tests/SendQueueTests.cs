// The queue that send loops share: whatever is scheduled while it runs, runs too, once, and never beside another.

using Midstream.Hosting.Transport;

namespace Midstream.Hosting.Tests;

public sealed class SendQueueTests
{
    [Fact]
    public async Task Schedule_FromManyThreads_RunsEachOnceAndNoneBesideAnother()
    {
        const int Threads = 4;
        const int Each = 50_000;
        var queue = new SendQueue();
        var runs = new int[Threads * Each];
        var (inside, overlaps, missing) = (0, 0, runs.Length);
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (var number = thread * Each; number < (thread + 1) * Each; number++)
                queue.Schedule(Run, number);
        })));
        await all.Task.WaitAsync(Bounded.Patience);

        Assert.All(runs, static count => Assert.Equal(1, count));
        Assert.Equal(0, overlaps);

        void Run(object? number)
        {
            if (Interlocked.Increment(ref inside) != 1)
                Interlocked.Increment(ref overlaps);
            Interlocked.Increment(ref runs[(int)number!]);
            Interlocked.Decrement(ref inside);
            if (Interlocked.Decrement(ref missing) == 0)
                all.SetResult();
        }
    }

    [Fact]
    public async Task Schedule_FromWithin_RunsToo()
    {
        var queue = new SendQueue();
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        queue.Schedule(_ => queue.Schedule(_ => second.SetResult(), null), null);

        await second.Task.WaitAsync(Bounded.Patience);
    }
}
