namespace Midstream.Supervisor.Services;

/// <summary>
/// Writes the state down once the disk takes it again. Until then a restart would find what was written last, which is safe but is
/// not what serves: a commit that was not written is gone back on.
/// </summary>
internal sealed class OwedState(ServiceSituation situation, OperationSlot slot, TimeProvider time)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    /// <summary>Tries once a second, until the supervisor stops.</summary>
    /// <param name="stopping">The supervisor stops.</param>
    /// <returns>A task that ends then.</returns>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                // An operation writes what it is about to do, and that includes what is owed.
                if (slot.Current is null)
                    situation.WriteOwed();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            situation.WriteOwed();
        }
    }
}
