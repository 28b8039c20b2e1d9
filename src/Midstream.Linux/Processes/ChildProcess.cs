// A child from its start to its reaping. A pid may be used again the moment its process is reaped, so everything here goes
// through a pidfd, or checks first that the number still means this child.

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>
/// Represents a child process in its own process group. It is reaped exactly once, by this object, also beside
/// <see cref="System.Diagnostics.Process"/>, whose SIGCHLD handling reaps only its own. Thread-safe.
/// </summary>
/// <remarks>
/// This process must not have been started with SIGCHLD ignored: .NET would then reap every child itself.
/// </remarks>
public sealed class ChildProcess : IDisposable
{
    private readonly Lock _reaping = new();
    private readonly FileDescriptor _pidfd;
    private readonly int _session;
    private bool _reaped;

    private ChildProcess(int pid, FileDescriptor pidfd, FdPoller poller)
    {
        Pid = pid;
        _pidfd = pidfd;
        _session = Libc.getsid(0);
        StartTime = ProcessStat.TryRead(pid)?.StartTime ?? 0;
        Exited = ReapAsync(pidfd.Duplicate(), poller);
    }

    /// <summary>Gets the process, which is also its process group.</summary>
    public int Pid { get; }

    /// <summary>
    /// Gets when the process started, in clock ticks after boot: with the pid it identifies the process for ever, see
    /// <see cref="ProcessStat"/>.
    /// </summary>
    public ulong StartTime { get; }

    /// <summary>
    /// Gets the process's end. Fails with <see cref="ObjectDisposedException"/> when the poller is disposed before.
    /// </summary>
    public Task<ProcessExit> Exited { get; }

    /// <summary>Sends a signal to the process, and never to a later one with the same number (pidfd_send_signal(2)).</summary>
    /// <param name="signal">The signal; 0 only asks whether the process is there.</param>
    /// <returns>False when the process has been reaped.</returns>
    /// <exception cref="LinuxException">The signal is none (EINVAL) or may not be sent (EPERM).</exception>
    /// <exception cref="ObjectDisposedException">This object is disposed.</exception>
    public unsafe bool Signal(int signal)
    {
        var result = Libc.pidfd_send_signal(Abi.SYS_pidfd_send_signal, _pidfd, signal, null, 0);
        return Sent((int)result, "pidfd_send_signal", signal, Pid.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// Sends a signal to every process of the group: the child and what it started without leaving the group. Works after the
    /// child's own end too, as long as members are left.
    /// </summary>
    /// <param name="signal">The signal; 0 only asks whether there is somebody.</param>
    /// <returns>False when nobody is left.</returns>
    /// <exception cref="LinuxException">The signal is none (EINVAL) or may not be sent (EPERM).</exception>
    public bool SignalGroup(int signal)
    {
        lock (_reaping)
        {
            if (_reaped && !IsGroupStillOurs())
                return false;
            return Sent(Libc.kill(-Pid, signal), "kill", signal, $"group {Pid}");
        }
    }

    /// <summary>Gives up the handle. Neither ends nor abandons the process: it is still reaped when it ends.</summary>
    public void Dispose() => _pidfd.Dispose();

    /// <summary>Starts watching a child of this process that nobody else reaps.</summary>
    internal static ChildProcess Watch(int pid, FdPoller poller)
    {
        // Until it is reaped, which only this object does, the number cannot mean another process.
        try
        {
            var pidfd = FileDescriptor.Owning(
                (int)Libc.pidfd_open(Abi.SYS_pidfd_open, pid, 0), "pidfd_open", $"Cannot watch process {pid}; it was killed");
            return new ChildProcess(pid, pidfd, poller);
        }
        catch
        {
            KillUnwatched(pid);
            throw;
        }
    }

    /// <summary>Ends a child nobody would ever hear of again. It has had no time to start anything outside its group.</summary>
    private static unsafe void KillUnwatched(int pid)
    {
        _ = Libc.kill(-pid, Linux.Signal.SIGKILL);
        int result;
        do
            result = Libc.waitpid(pid, null, 0);
        while (Calls.Interrupted(result));
    }

    private static bool Sent(int result, string call, int signal, string target)
    {
        if (result == 0)
            return true;
        return Calls.LastError == Errno.ESRCH
            ? false
            : throw LinuxException.Last(call, $"Cannot send {Linux.Signal.NameOf(signal)} to process {target}");
    }

    private async Task<ProcessExit> ReapAsync(FileDescriptor pidfd, FdPoller poller)
    {
        using (pidfd)
        {
            await poller.WaitReadableAsync(pidfd).ConfigureAwait(false);
            return Reap(pidfd);
        }
    }

    private unsafe ProcessExit Reap(FileDescriptor pidfd)
    {
        SignalInfo info = default;
        lock (_reaping)
        {
            int result;
            do
                result = Libc.waitid(Abi.P_PIDFD, pidfd, &info, Abi.WEXITED);
            while (Calls.Interrupted(result));
            Calls.Check(result, "waitid", $"Cannot learn how process {Pid} ended");
            _reaped = true;
        }

        return info.Code == Abi.CLD_EXITED
            ? ProcessExit.WithCode(info.Status)
            : ProcessExit.BySignal(info.Status, info.Code == Abi.CLD_DUMPED);
    }

    /// <summary>
    /// Tells whether the group of a reaped leader still has members. While it has, the kernel gives its number to no process
    /// (so a process with that number means another group), and the members are in the session the child was started in.
    /// </summary>
    private bool IsGroupStillOurs() =>
        ProcessStat.TryRead(Pid) is null && ProcessStat.OfGroup(Pid).Any(member => member.Session == _session);
}
