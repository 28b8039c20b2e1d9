// A child from its start to its reaping. A pid may be used again the moment its process is reaped, so everything here goes
// through a pidfd, or checks first that the number still means this child.

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>
/// Represents a process in its own process group: a child, or one that an earlier supervisor started. A child is reaped exactly
/// once, by this object, also beside <see cref="System.Diagnostics.Process"/>, whose SIGCHLD handling reaps only its own.
/// Thread-safe.
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

    private ChildProcess(int pid, ulong startTime, int session, bool isChild, FileDescriptor pidfd, FdPoller poller)
    {
        Pid = pid;
        StartTime = startTime;
        IsChild = isChild;
        _pidfd = pidfd;
        _session = session;
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
    /// Gets whether the process is a child of this one. How another process ended is unknown: <see cref="ProcessExit.Unknown"/>.
    /// </summary>
    public bool IsChild { get; }

    /// <summary>
    /// Gets the process's end. Fails with <see cref="ObjectDisposedException"/> when the poller is disposed before.
    /// </summary>
    public Task<ProcessExit> Exited { get; }

    /// <summary>
    /// Goes on watching a child that this process started before it became the present program (see <see cref="ProcessImage"/>).
    /// Its end is told with its status, also when it came in between.
    /// </summary>
    /// <param name="pid">The child.</param>
    /// <param name="startTime">Its <see cref="StartTime"/>.</param>
    /// <param name="poller">What its end is awaited with; must outlive it.</param>
    /// <returns>The child; null when this process has no such child, or had it reaped.</returns>
    /// <exception cref="InvalidOperationException">It is watched already.</exception>
    /// <exception cref="LinuxException">The process has no descriptor left (EMFILE).</exception>
    public static ChildProcess? AdoptChild(int pid, ulong startTime, FdPoller poller) =>
        Adopt(pid, startTime, poller, childOnly: true);

    /// <summary>
    /// Goes on watching a process that an earlier supervisor started, whose parent is by now somebody else. Everything works as
    /// with a child, except that it ends with <see cref="ProcessExit.Unknown"/>.
    /// </summary>
    /// <param name="pid">The process.</param>
    /// <param name="startTime">Its <see cref="StartTime"/>.</param>
    /// <param name="poller">What its end is awaited with; must outlive it.</param>
    /// <returns>The process; null when it is gone, whoever has its number now.</returns>
    /// <exception cref="InvalidOperationException">It is a child, and watched already.</exception>
    /// <exception cref="LinuxException">The process has no descriptor left (EMFILE).</exception>
    public static ChildProcess? AdoptStranger(int pid, ulong startTime, FdPoller poller) =>
        Adopt(pid, startTime, poller, childOnly: false);

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
            if (!IsNumberOurs() && !IsGroupStillOurs())
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
            return Owning(pid, ProcessStat.TryRead(pid)?.StartTime ?? 0, Libc.getsid(0), isChild: true, pidfd, poller);
        }
        catch
        {
            KillUnwatched(pid);
            throw;
        }
    }

    private static ChildProcess? Adopt(int pid, ulong startTime, FdPoller poller, bool childOnly)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pid);
        ArgumentNullException.ThrowIfNull(poller);
        var opened = (int)Libc.pidfd_open(Abi.SYS_pidfd_open, pid, 0);
        // EINVAL: the number is a thread's by now.
        if (opened == -1 && Calls.LastError is Errno.ESRCH or Errno.EINVAL)
            return null;
        var pidfd = FileDescriptor.Owning(opened, "pidfd_open", $"Cannot watch process {pid}");
        // Read after the opening: if it is the right process now, it was then.
        if (ProcessStat.TryRead(pid) is { } process && process.StartTime == startTime)
        {
            var isChild = process.Parent == Environment.ProcessId;
            if (isChild || !childOnly)
                return Owning(pid, startTime, process.Session, isChild, pidfd, poller);
        }

        pidfd.Dispose();
        return null;
    }

    private static ChildProcess Owning(
        int pid, ulong startTime, int session, bool isChild, FileDescriptor pidfd, FdPoller poller)
    {
        var registered = false;
        try
        {
            registered = isChild && ChildRegistry.TryAdd(pid);
            return registered || !isChild
                ? new ChildProcess(pid, startTime, session, isChild, pidfd, poller)
                : throw new InvalidOperationException($"The child {pid} is watched already; it can be reaped only once.");
        }
        catch
        {
            if (registered)
                ChildRegistry.Remove(pid);
            pidfd.Dispose();
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
        lock (ChildRegistry.Gate)
        {
            int result;
            do
                result = Libc.waitid(Abi.P_PIDFD, pidfd, &info, Abi.WEXITED);
            while (Calls.Interrupted(result));
            _reaped = true;
            // Its parent alone may ask. A stranger may have become a child: a subreaper inherits orphans (prctl(2)).
            if (result == -1 && Calls.LastError == Errno.ECHILD && !IsChild)
                return ProcessExit.Unknown;
            // Before the gate opens: from now on the number may be given to the next child.
            ChildRegistry.Remove(Pid);
            Calls.Check(result, "waitid", $"Cannot learn how process {Pid} ended");
        }

        return ProcessExit.Of(info);
    }

    /// <summary>
    /// Tells whether the number still means the process, ended or not. A child keeps it until it is reaped here; a stranger is
    /// reaped by its parent at any time, and then its pidfd reaches nobody.
    /// </summary>
    private unsafe bool IsNumberOurs() => IsChild
        ? !_reaped
        : !_pidfd.IsClosed && Libc.pidfd_send_signal(Abi.SYS_pidfd_send_signal, _pidfd, 0, null, 0) == 0;

    /// <summary>
    /// Tells whether the group of a reaped leader still has members. While it has, the kernel gives its number to no process
    /// (so a process with that number means another group), and the members are in the session the leader was started in.
    /// </summary>
    private bool IsGroupStillOurs()
    {
        try
        {
            return Libc.getsid(Pid) == -1 && ProcessStat.OfGroup(Pid).Any(member => member.Session == _session);
        }
        catch (IOException)
        {
            // No descriptor is left to look with. Somebody left over is less harm than a stranger who is signalled.
            return false;
        }
    }
}
