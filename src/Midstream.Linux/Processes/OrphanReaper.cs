// The first process of a container, and a subreaper, become the parent of every process whose own parent has ended. When those
// end somebody must take note, or they stay as zombies until no process can be started any more.

using System.Runtime.InteropServices;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>
/// Reaps children that nobody in this process started: the orphans it inherited. Thread-safe.
/// <list type="bullet">
/// <item>Left alone are the children of a <see cref="ChildProcess"/>, and those of
/// <see cref="System.Diagnostics.Process"/>, which are reaped by the base library as soon as they end: an orphan is what is
/// still there after <see cref="Patience"/>.</item>
/// <item>Woken by SIGCHLD; without ending children it does nothing. Not in a first process: in one that listens to SIGCHLD the
/// runtime reaps whatever has ended (waitpid(-1)), the children of a <see cref="ChildProcess"/> as well. There it looks once in
/// <see cref="Patience"/>.</item>
/// <item>After a change of the program (<see cref="ProcessImage"/>) adopt the children first, then create it.</item>
/// </list>
/// </summary>
public sealed class OrphanReaper : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HashSet<(int Pid, ulong StartTime)> _seen = [];
    private readonly TimeSpan _patience;
    private readonly PosixSignalRegistration? _registration;
    private readonly Timer _timer;
    private bool _scheduled = true;
    private bool _disposed;

    /// <summary>Starts reaping, those that have ended before included.</summary>
    /// <param name="patience">The time after which an ended child is an orphan; null for <see cref="Patience"/>.</param>
    public OrphanReaper(TimeSpan? patience = null)
    {
        _patience = patience ?? Patience;
        _timer = new Timer(_ => Look(), null, _patience, Timeout.InfiniteTimeSpan);
        _registration = IsFirstProcess ? null : PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => Schedule());
    }

    /// <summary>Gets how long the base library has to reap a child of its own: one second.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets whether this process is the first of its process namespace, to which all orphans come.</summary>
    public static bool IsFirstProcess => Environment.ProcessId == 1;

    /// <summary>Occurs when an orphan was reaped, on a pool thread. Handlers must not throw.</summary>
    public event Action<int, ProcessExit>? Reaped;

    /// <summary>
    /// Makes the orphans among this process's descendants come to it and not to the first process (prctl(2),
    /// PR_SET_CHILD_SUBREAPER). Outlives <see cref="ProcessImage.Replace"/>.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void BecomeSubreaper() => Calls.Check(
        Libc.prctl(Abi.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl(PR_SET_CHILD_SUBREAPER)", "Cannot become a subreaper");

    /// <summary>Stops reaping.</summary>
    public void Dispose()
    {
        _registration?.Dispose();
        lock (_gate)
        {
            _disposed = true;
            _timer.Dispose();
        }
    }

    private void Schedule()
    {
        lock (_gate)
        {
            // A look that is due is not put off, however many children end.
            if (_disposed || _scheduled)
                return;
            _scheduled = true;
            _timer.Change(_patience, Timeout.InfiniteTimeSpan);
        }
    }

    private void Look()
    {
        List<(int Pid, ProcessExit Exit)> reaped = [];
        lock (_gate)
        {
            if (_disposed)
                return;
            var ended = EndedChildren();
            // Seen twice, with the patience between: had it been the base library's it would be gone.
            foreach (var child in ended.Where(_seen.Contains))
            {
                if (Reap(child.Pid) is { } exit)
                    reaped.Add((child.Pid, exit));
            }

            ended.ExceptWith(_seen);
            _seen.Clear();
            _seen.UnionWith(ended);
            _scheduled = _seen.Count > 0 || IsFirstProcess;
            if (_scheduled)
                _timer.Change(_patience, Timeout.InfiniteTimeSpan);
        }

        reaped.ForEach(orphan => Reaped?.Invoke(orphan.Pid, orphan.Exit));
    }

    private static HashSet<(int Pid, ulong StartTime)> EndedChildren() =>
        [.. ProcessStat.All().Where(process => process.State == 'Z' && process.Parent == Environment.ProcessId)
            .Select(process => (process.Pid, process.StartTime))];

    private static unsafe ProcessExit? Reap(int pid)
    {
        lock (ChildRegistry.Gate)
        {
            SignalInfo info = default;
            if (ChildRegistry.Contains_NeedsLock(pid)
                || Libc.waitid(Abi.P_PID, pid, &info, Abi.WEXITED | Abi.WNOHANG) == -1 || info.Pid == 0)
                return null;
            return ProcessExit.Of(info);
        }
    }
}
