using Midstream.Linux;

namespace Midstream.Bench.Processes;

/// <summary>
/// Follows the memory of all processes of the service: the sum of their proportional shares (PSS), in which a page that a
/// master and its workers share counts once.
/// </summary>
internal sealed class MemoryPeak : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _end = new();
    private readonly Task _following;

    private MemoryPeak()
    {
        AtBeginningBytes = PeakBytes = Now();
        _following = FollowAsync(_end.Token);
    }

    /// <summary>Gets the memory before the first upgrade.</summary>
    public long AtBeginningBytes { get; }

    /// <summary>Gets the largest sum that was seen.</summary>
    public long PeakBytes { get; private set; }

    public static MemoryPeak Follow() => new();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _following;
        _end.Dispose();
    }

    private static long Now() => ProcessTree.Descendants().Sum(process => ProcessMemory.Proportional(process.Pid) ?? 0);

    private async Task FollowAsync(CancellationToken end)
    {
        using var timer = new PeriodicTimer(s_interval);
        try
        {
            while (await timer.WaitForNextTickAsync(end))
                PeakBytes = Math.Max(PeakBytes, Now());
        }
        catch (OperationCanceledException)
        {
            // Enough was seen.
        }
    }
}
