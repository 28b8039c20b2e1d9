namespace Midstream.Supervisor.Services;

/// <summary>What a supervisor does for itself, once a second: writes its counts down, and gives memory back.</summary>
internal sealed class Housekeeping(Telemetry telemetry, TimeProvider time)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly Thrift _thrift = new();

    /// <summary>Keeps house until the supervisor stops.</summary>
    /// <param name="stopping">The supervisor stops.</param>
    /// <returns>A task that ends then.</returns>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                telemetry.SaveNowAndThen();
                _thrift.Look();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The counts are written once more at the very end.
        }
    }
}
