// A service of which there must be one: it writes down when it begins, that it runs, and when it ends.

namespace Counting;

internal sealed class Beat : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Note("start");
        var stubborn = Environment.GetEnvironmentVariable("COUNTING_STUBBORN") is not null;
        try
        {
            await TickAsync(stubborn ? CancellationToken.None : stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }

        Note("stop");
    }

    // The time counts from the machine's start, so that two processes have the same.
    private static async Task TickAsync(CancellationToken stopping)
    {
        var ticks = int.TryParse(Environment.GetEnvironmentVariable("COUNTING_TICK_MS"), out var every);
        using var timer = new PeriodicTimer(ticks ? TimeSpan.FromMilliseconds(every) : Timeout.InfiniteTimeSpan);
        while (await timer.WaitForNextTickAsync(stopping))
            Note("tick", $" {Environment.GetEnvironmentVariable("MIDSTREAM_GENERATION")} {Environment.TickCount64}");
    }

    private static void Note(string what, string more = "")
    {
        if (Environment.GetEnvironmentVariable("COUNTING_BEAT") is { } file)
            File.AppendAllText(file, $"{what} {Environment.ProcessId}{more}\n");
    }
}
