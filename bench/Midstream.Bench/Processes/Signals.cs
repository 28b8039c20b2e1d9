using System.Diagnostics;

namespace Midstream.Bench.Processes;

/// <summary>Sends signals to processes that this one need not have started itself, as kill(1) does for an operator.</summary>
internal static class Signals
{
    /// <summary>Sends a signal; a process that is gone already is no error.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="signal">The signal.</param>
    public static void Send(int pid, int signal)
    {
        var start = new ProcessStartInfo("/bin/kill", [$"-{signal}", $"{pid}"]) { RedirectStandardError = true };
        using var kill = Process.Start(start)!;
        kill.WaitForExit();
    }
}
