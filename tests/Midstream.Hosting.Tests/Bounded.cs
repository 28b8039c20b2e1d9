// The bound of every wait, and the one kind of wait that nothing announces.

namespace Midstream.Hosting.Tests;

internal static class Bounded
{
    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    internal static CancellationToken Token() => new CancellationTokenSource(Patience).Token;

    /// <summary>Waits for a state that no event announces, as what the server has read so far.</summary>
    internal static async Task UntilAsync(Func<bool> holds, string what)
    {
        var bound = Token();
        while (!holds())
        {
            if (bound.IsCancellationRequested)
                Assert.Fail($"In {Patience} it never was the case that {what}.");
            await Task.Yield();
        }
    }

    internal static int DescriptorCount() => Directory.GetFileSystemEntries("/proc/self/fd").Length;
}
