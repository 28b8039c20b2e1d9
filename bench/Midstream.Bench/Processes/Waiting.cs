namespace Midstream.Bench.Processes;

/// <summary>Waits for what no event tells of: a process's end, a file, an answer. Every wait has the same bound.</summary>
internal static class Waiting
{
    /// <summary>The bound of every wait.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // As precise as the times in the table are to be, and cheap: a look at a few files in /proc.
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(2);

    /// <summary>Looks again and again until it is so.</summary>
    /// <param name="what">What is waited for, for the message.</param>
    /// <param name="isSo">What is to become true.</param>
    /// <exception cref="BenchException">It did not become so in time.</exception>
    public static Task UntilAsync(string what, Func<bool> isSo) => UntilAsync(what, () => Task.FromResult(isSo()));

    /// <inheritdoc cref="UntilAsync(string, Func{bool})"/>
    public static async Task UntilAsync(string what, Func<Task<bool>> isSo)
    {
        var end = DateTime.UtcNow + Patience;
        while (!await isSo())
        {
            if (DateTime.UtcNow > end)
                throw new BenchException($"waited {Patience.TotalSeconds:0} s in vain for {what}");
            await Task.Delay(s_interval);
        }
    }
}
