// The descriptors of a process: what they point at, read from /proc/<pid>/fd (proc(5)), and copies of them.

using System.Globalization;
using System.Runtime.InteropServices;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Looks at the descriptors of other processes. Thread-safe.</summary>
public static class ProcessDescriptors
{
    /// <summary>Counts a process's open descriptors.</summary>
    /// <param name="pid">The process.</param>
    /// <returns>How many; null when it has ended, or belongs to somebody else and this process is not root.</returns>
    public static int? CountOf(int pid)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Count();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Copies a descriptor of another process (pidfd_getfd(2)), such as a listening socket that is to be taken back. Needs the
    /// right to trace that process (ptrace(2)): root has it, and often its own user for what it started.
    /// </summary>
    /// <param name="pid">The process.</param>
    /// <param name="number">The descriptor's number there.</param>
    /// <returns>The owner of the copy, with close-on-exec set; null when the process or the descriptor is not there, this
    /// process may not copy it, or the kernel is older than 5.6.</returns>
    /// <exception cref="LinuxException">This process has no descriptor left (EMFILE).</exception>
    public static FileDescriptor? TryCopyFrom(int pid, int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pid);
        var opened = (int)Libc.pidfd_open(Abi.SYS_pidfd_open, pid, 0);
        if (opened == -1 && IsRefusal(Calls.LastError))
            return null;
        using var pidfd = FileDescriptor.Owning(opened, "pidfd_open", $"Cannot reach process {pid}");
        return TryCopyFrom(pidfd, number);
    }

    /// <summary>Copies a descriptor of another process, which cannot be mistaken for a later one of the same number.</summary>
    /// <param name="pidfd">A pidfd of the process; stays the caller's.</param>
    /// <param name="number">The descriptor's number there.</param>
    /// <returns>As <see cref="TryCopyFrom(int, int)"/>.</returns>
    /// <exception cref="LinuxException">This process has no descriptor left (EMFILE), or the handle is no pidfd (EBADF counts as
    /// "not there").</exception>
    public static FileDescriptor? TryCopyFrom(SafeHandle pidfd, int number)
    {
        ArgumentNullException.ThrowIfNull(pidfd);
        var copied = (int)Libc.pidfd_getfd(Abi.SYS_pidfd_getfd, pidfd, number, 0);
        return copied == -1 && IsRefusal(Calls.LastError)
            ? null
            : FileDescriptor.Owning(copied, "pidfd_getfd", $"Cannot copy descriptor {number} of another process");
    }

    /// <summary>
    /// Lists a process's descriptors; what cannot be read (another user's, just closed, just ended) is left out.
    /// </summary>
    internal static IEnumerable<(int Number, string Link)> LinksOf(int pid)
    {
        foreach (var path in EntriesOf($"/proc/{pid}/fd"))
        {
            if (LinkOf(path) is { } link && int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var number))
                yield return (number, link);
        }
    }

    /// <summary>Reads how many numbers this process's table of descriptors has room for: all that are open are below.</summary>
    /// <returns>The number; null when there is no descriptor left to read it with.</returns>
    internal static int? TableSize()
    {
        const string Field = "FDSize:";
        try
        {
            var line = File.ReadLines("/proc/self/status").First(static line => line.StartsWith(Field, StringComparison.Ordinal));
            return int.Parse(line.AsSpan(Field.Length), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    internal static string? LinkOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // Closed between the listing and the reading.
        }
    }

    /// <summary>Tells whether two processes have a socket in common, as those have that inherited it from the same one.</summary>
    /// <param name="pid">A process.</param>
    /// <param name="other">Another.</param>
    /// <returns>False also when one of them has ended or may not be looked at.</returns>
    public static bool ShareASocket(int pid, int other)
    {
        var sockets = LinksOf(pid).Select(static descriptor => descriptor.Link)
            .Where(static link => link.StartsWith("socket:", StringComparison.Ordinal)).ToHashSet();
        return LinksOf(other).Any(descriptor => sockets.Contains(descriptor.Link));
    }

    /// <summary>Tells whether a descriptor of a process holds an exclusive flock(2) on its file.</summary>
    internal static bool HasExclusiveLock(int pid, int number)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/fdinfo/{number}").Any(static line =>
                line.StartsWith("lock:", StringComparison.Ordinal)
                && line.Contains("FLOCK", StringComparison.Ordinal) && line.Contains("WRITE", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Closed between the listing and the reading.
        }
    }

    private static bool IsRefusal(int errno) =>
        errno is Errno.EPERM or Errno.ESRCH or Errno.EBADF or Errno.ENOSYS or Errno.EINVAL;

    private static string[] EntriesOf(string folder)
    {
        try
        {
            return Directory.GetFileSystemEntries(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // The process has ended, or belongs to somebody else.
        }
    }
}
