// A service of which there must be one: it writes down when it begins and when it ends.

namespace Counting;

internal sealed class Beat : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Note("start");
        var stubborn = Environment.GetEnvironmentVariable("COUNTING_STUBBORN") is not null;
        try
        {
            await Task.Delay(Timeout.Infinite, stubborn ? CancellationToken.None : stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }

        Note("stop");
    }

    private static void Note(string what)
    {
        if (Environment.GetEnvironmentVariable("COUNTING_BEAT") is { } file)
            File.AppendAllText(file, $"{what} {Environment.ProcessId}\n");
    }
}
