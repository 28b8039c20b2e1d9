namespace Midstream.TestKit;

/// <summary>Waits for what no event tells of: another process's state as /proc or the file system shows it.</summary>
public static class Eventually
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Looks again and again until it is so.</summary>
    /// <param name="isSo">What is to become true.</param>
    /// <param name="describe">Describes what is instead, for the message.</param>
    /// <param name="patience">The bound; null for <see cref="RunningProgram.Patience"/>.</param>
    /// <returns>A task that ends when it is so.</returns>
    /// <exception cref="TimeoutException">It did not become so in time.</exception>
    public static async Task HoldsAsync(Func<bool> isSo, Func<string> describe, TimeSpan? patience = null)
    {
        ArgumentNullException.ThrowIfNull(isSo);
        ArgumentNullException.ThrowIfNull(describe);
        var deadline = DateTime.UtcNow + (patience ?? RunningProgram.Patience);
        while (!isSo())
        {
            if (DateTime.UtcNow > deadline)
                throw new TimeoutException(describe());
            await Task.Delay(s_interval);
        }
    }
}
