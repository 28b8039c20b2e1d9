using System.Diagnostics;
using Midstream.Linux;

namespace Midstream.Supervisor.Systemd;

/// <summary>
/// Tells the service manager that the configuration is being read again (sd_notify(3), RELOADING=1), as Type=notify-reload
/// wants it: <c>systemctl reload</c> returns when it is done. Several at a time are one, which ends with the last. A manager
/// that cannot be told never keeps a reload from happening. Thread-safe.
/// </summary>
/// <param name="notifySocket">The address of NOTIFY_SOCKET; null or empty for no service manager.</param>
internal sealed class ReloadNotice(string? notifySocket)
{
    private readonly Lock _gate = new();
    private int _underWay;

    /// <summary>Says that a reload begins.</summary>
    /// <returns>Dispose of it when the reload has ended, however it has.</returns>
    public IDisposable Begin()
    {
        lock (_gate)
        {
            // Also when one is under way: the manager waits for a time stamp later than its own request.
            Tell($"RELOADING=1\nMONOTONIC_USEC={MonotonicMicroseconds()}");
            _underWay++;
        }

        return new Reload(this);
    }

    // Stopwatch counts CLOCK_MONOTONIC on Linux, which is the clock that is meant.
    private static long MonotonicMicroseconds() =>
        (long)(Stopwatch.GetTimestamp() * (1_000_000 / (decimal)Stopwatch.Frequency));

    private void End()
    {
        lock (_gate)
        {
            if (--_underWay == 0)
                Tell("READY=1");
        }
    }

    private void Tell(string state)
    {
        try
        {
            Notifier.Send(state, notifySocket);
        }
        catch (LinuxException)
        {
            // Failing to report never changes what happens.
        }
    }

    private sealed class Reload(ReloadNotice notice) : IDisposable
    {
        private bool _ended;

        public void Dispose()
        {
            if (!Interlocked.Exchange(ref _ended, true))
                notice.End();
        }
    }
}
