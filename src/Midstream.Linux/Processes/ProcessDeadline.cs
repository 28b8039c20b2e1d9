// alarm(2): the kernel's own clock, which no lock, loop or collection in this process can hold up.

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Bounds the life of this process.</summary>
public static class ProcessDeadline
{
    /// <summary>Ends this process by SIGALRM when the time is over, whatever it does; a deadline set before is void.</summary>
    /// <param name="time">From now; rounded up to whole seconds, at least one.</param>
    public static void Set(TimeSpan time)
    {
        // Ignored is handed on by execve(2): whoever started this process may have ignored it.
        _ = Libc.signal(Abi.SIGALRM, Abi.SIG_DFL);
        _ = Libc.alarm((uint)Math.Max(1, Math.Ceiling(time.TotalSeconds)));
    }
}
