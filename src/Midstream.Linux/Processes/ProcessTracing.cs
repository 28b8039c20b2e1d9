// Yama, where the kernel has it (ptrace_scope 1), lets a process be traced by its ancestors only, and by whom it names.

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Who may look into this process as a debugger does.</summary>
public static class ProcessTracing
{
    /// <summary>The state of a process that a signal has stopped (proc(5)).</summary>
    public const char Stopped = 'T';

    /// <summary>Lets a process and its descendants trace this one (prctl(2), PR_SET_PTRACER), until either has ended or another
    /// is let. Its account and capabilities have to allow it all the same.</summary>
    /// <param name="tracer">The process.</param>
    /// <returns>Whether the kernel knows of such a permission and has given it; without Yama none is needed.</returns>
    public static bool TryAllow(int tracer) => Libc.prctl(Abi.PR_SET_PTRACER, (nuint)tracer, 0, 0, 0) == 0;

    /// <summary>Lets a process go on that a tracer has left stopped: to attach, it sends SIGSTOP, which holds if it dies just
    /// then.</summary>
    /// <param name="process">The process as it was before. One that ran then, and is stopped now, goes on.</param>
    public static void Release(ProcessStat process)
    {
        if (process.State is not Stopped && ProcessStat.TryRead(process.Pid) is { State: Stopped } now
            && now.StartTime == process.StartTime)
            _ = Libc.kill(process.Pid, Signal.SIGCONT);
    }
}
