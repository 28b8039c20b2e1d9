namespace Midstream.TestKit;

/// <summary>Waits for what the kernel or another process shows and nobody announces.</summary>
public static class Waiting
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(10);

    /// <summary>Asks until the answer is yes.</summary>
    /// <param name="condition">The question.</param>
    /// <param name="what">What is waited for, for the message when it does not come.</param>
    /// <returns>A task that ends then.</returns>
    /// <exception cref="TimeoutException">It did not come within <see cref="RunningProgram.Patience"/>.</exception>
    public static Task UntilAsync(Func<bool> condition, string what)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return UntilAsync(() => Task.FromResult(condition()), what);
    }

    /// <inheritdoc cref="UntilAsync(Func{bool}, string)"/>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        ArgumentNullException.ThrowIfNull(condition);
        using var bound = new CancellationTokenSource(RunningProgram.Patience);
        using var timer = new PeriodicTimer(s_interval);
        while (!await condition())
        {
            if (bound.IsCancellationRequested)
                throw new TimeoutException($"In vain waited for: {what}");
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
