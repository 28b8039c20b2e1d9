using System.Globalization;
using Midstream.Linux;

namespace Midstream.Supervisor.Systemd;

/// <summary>
/// Tells the service manager's watchdog (sd_watchdog_enabled(3), WatchdogSec= of the unit) that the supervisor lives: at half the
/// time it allows, and each time only after the supervisor's poller and thread pool have had their turn, and whatever else is
/// to prove that it works. When they do not answer nothing is sent, and the manager ends and restarts the supervisor.
/// </summary>
/// <param name="poller">The supervisor's poller.</param>
/// <param name="proof">What else has to answer; null for nothing.</param>
/// <param name="notifySocket">The address of NOTIFY_SOCKET; null or empty for no service manager.</param>
/// <param name="time">Measures the time between two signs.</param>
internal sealed class Watchdog(
    FdPoller poller, Func<CancellationToken, Task>? proof, string? notifySocket, TimeProvider time)
{
    /// <summary>Reads how much time the watchdog allows.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="pid">This process.</param>
    /// <returns>The time; null when there is no watchdog, or it watches another process.</returns>
    public static TimeSpan? AllowedIn(Func<string, string?> variable, int pid)
    {
        if (variable("WATCHDOG_PID") is { Length: > 0 } watched && watched != pid.ToString(CultureInfo.InvariantCulture))
            return null;
        return long.TryParse(variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            && microseconds is > 0 and < long.MaxValue / TimeSpan.TicksPerMicrosecond
                ? TimeSpan.FromTicks(microseconds * TimeSpan.TicksPerMicrosecond)
                : null;
    }

    /// <summary>Gives signs of life until the supervisor stops. The first is given at once.</summary>
    /// <param name="allowed">The time the watchdog allows; null for none, and then this returns at once.</param>
    /// <param name="stopping">The supervisor has stopped.</param>
    /// <returns>A task that ends then.</returns>
    public async Task RunAsync(TimeSpan? allowed, CancellationToken stopping)
    {
        if (allowed is not { } limit)
            return;
        try
        {
            using var timer = new PeriodicTimer(limit / 2, time);
            do
                await GiveSignAsync(stopping);
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // From now on the manager's own time limit for stopping counts.
        }
    }

    private async Task GiveSignAsync(CancellationToken stopping)
    {
        await PollerTurnAsync(stopping);
        await Task.Run(() => proof?.Invoke(stopping) ?? Task.CompletedTask, stopping);
        try
        {
            Notifier.Send("WATCHDOG=1", notifySocket);
        }
        catch (LinuxException)
        {
            // The manager is starting anew or overloaded; the next sign comes before its time is over.
        }
    }

    /// <summary>Waits for something that is so already, which takes the poller's thread to find out.</summary>
    private async Task PollerTurnAsync(CancellationToken stopping)
    {
        var (waiting, closed) = SocketPair.CreateStream();
        using (waiting)
        {
            closed.Dispose();
            await poller.WaitReadableAsync(waiting, stopping);
        }
    }
}
