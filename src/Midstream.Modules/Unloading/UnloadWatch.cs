using System.Diagnostics;
using Midstream.Core.Modules;
using Midstream.Modules.Slots;

namespace Midstream.Modules.Unloading;

/// <summary>Watches whether what was unloaded leaves the memory. Asks for a collection at most once in a while, for all that
/// are watched together, and in the background: a collection of its own for each would cost every request.</summary>
internal sealed class UnloadWatch(ModulesOptions options, IServiceProvider host)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_collectEvery = TimeSpan.FromMilliseconds(500);

    // So long most need; only then is done what costs the rest of the process its caches.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private long _collectedAt;

    public async Task<UnloadVerdict> WatchAsync(ModuleGeneration generation, UnloadSubject subject)
    {
        if (subject.IsPinned)
            return new UnloadVerdict(UnloadOutcome.Budgeted, TimeSpan.Zero, []);
        var begun = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(s_look);
        var isSwept = false;
        while (!subject.IsGone)
        {
            if (Stopwatch.GetElapsedTime(begun) > options.UnloadTimeout)
            {
                generation.Watch(subject);
                var culprits = await Task.Run(() => RootSearch.Find(subject, host));
                return new UnloadVerdict(
                    UnloadOutcome.Pinned, Stopwatch.GetElapsedTime(begun), [.. culprits, .. CacheSelfTest.AsCulprits()]);
            }

            if (!isSwept && Stopwatch.GetElapsedTime(begun) > s_patience)
            {
                isSwept = true;
                FrameworkCaches.ClearShared();
            }

            CollectIfDue();
            await timer.WaitForNextTickAsync();
        }

        return new UnloadVerdict(UnloadOutcome.Collected, Stopwatch.GetElapsedTime(begun), []);
    }

    private void CollectIfDue()
    {
        lock (_lock)
        {
            if (_collectedAt != 0 && Stopwatch.GetElapsedTime(_collectedAt) < s_collectEvery)
                return;
            _collectedAt = Stopwatch.GetTimestamp();
        }

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
    }
}
