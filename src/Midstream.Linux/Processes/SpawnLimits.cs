// Finds out before anything is started whether a child can get what is asked for it, so that the answer is advice and not a
// dead child.

using System.Globalization;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Tells what of a <see cref="SpawnRequest"/> this process may not, or cannot, give a child.</summary>
public static unsafe class SpawnLimits
{
    private const int MaximumNice = 19;
    private const int MinimumNice = -20;
    private const int AllModes = 0x1FF; // 0777

    /// <summary>Finds everything that stands in the way of the request's limits, user and group. Starts nothing.</summary>
    /// <param name="request">The request; its command and folder are not looked at.</param>
    /// <returns>The problems, each with advice; empty when there are none.</returns>
    /// <exception cref="LinuxException">The name service failed.</exception>
    public static IReadOnlyList<LinuxException> FindProblems(SpawnRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        LinuxException?[] problems =
            [OfOpenFiles(request.OpenFilesMax), OfUser(request), OfGroup(request), OfNice(request.Nice), OfUmask(request.Umask)];
        return [.. problems.OfType<LinuxException>()];
    }

    private static LinuxException? OfOpenFiles(int? wanted)
    {
        if (wanted is not { } files)
            return null;
        ResourceLimits own;
        Calls.Check(Libc.getrlimit(Abi.RLIMIT_NOFILE, &own), "getrlimit", "Cannot read this process's limit of open files");
        if (files < 3)
            return new LinuxException(Errno.EINVAL, "setrlimit", $"A limit of {files} open files lets no program start");
        if ((ulong)files > own.Maximum && !ProcessOwner.Has(Abi.CAP_SYS_RESOURCE))
        {
            return new LinuxException(Errno.EPERM, "setrlimit", $"A worker cannot have {files} open files: this process's own "
                + $"hard limit is {own.Maximum}; raise it (LimitNOFILE= of the unit, ulimit -Hn), or run as root");
        }

        return files > KernelMaximum()
            ? new LinuxException(Errno.EPERM, "setrlimit", $"A worker cannot have {files} open files: the kernel allows "
                + $"{KernelMaximum()}; raise fs.nr_open (sysctl(8))")
            : null;
    }

    private static LinuxException? OfUser(SpawnRequest request)
    {
        if (request.User is not { } name)
            return null;
        if (Users.TryFind(name) is not { } user)
            return new LinuxException(Errno.EINVAL, "getpwnam_r", $"There is no user {name}; create it (useradd(8))");
        return user.Uid == ProcessOwner.Uid ? null : OfTool("setpriv") ?? OfCapability(Abi.CAP_SETUID, "setuid", $"user {name}");
    }

    private static LinuxException? OfGroup(SpawnRequest request)
    {
        if (request.Group is { } name && Groups.TryFind(name) is null)
            return new LinuxException(Errno.EINVAL, "getgrnam_r", $"There is no group {name}; create it (groupadd(8))");
        return SpawnIdentity.Of(request) is { IsOurs: false } identity
            ? OfTool("setpriv") ?? OfCapability(Abi.CAP_SETGID, "setgid", $"group {identity.Gid}")
            : null;
    }

    private static LinuxException? OfNice(int? wanted)
    {
        if (wanted is not { } nice)
            return null;
        if (nice is < MinimumNice or > MaximumNice)
            return new LinuxException(Errno.EINVAL, "setpriority", $"{nice} is no priority; -20 to 19 are");
        ResourceLimits limit;
        Calls.Check(Libc.getrlimit(Abi.RLIMIT_NICE, &limit), "getrlimit", "Cannot read this process's limit of priority");
        var allowed = Math.Min(Libc.getpriority(Abi.PRIO_PROCESS, 0), 20 - (long)Math.Min(limit.Current, 40));
        return nice < allowed && !ProcessOwner.Has(Abi.CAP_SYS_NICE)
            ? new LinuxException(Errno.EPERM, "setpriority", $"A worker cannot have priority {nice}: this process may give "
                + $"{allowed} to 19; write that, raise the limit (LimitNICE= of the unit), or run as root")
            : OfTool("renice");
    }

    private static LinuxException? OfUmask(UnixFileMode? wanted) => wanted is { } mask && ((int)mask & ~AllModes) != 0
        ? new LinuxException(Errno.EINVAL, "umask", $"{Convert.ToString((int)mask, 8)} is no mask; 0000 to 0777 are")
        : null;

    private static LinuxException? OfTool(string name) => SpawnShim.Tool(name) is null
        ? new LinuxException(Errno.ENOENT, "execve", $"The program {name} was not found; install the package util-linux")
        : null;

    private static LinuxException? OfCapability(int capability, string call, string whom) => ProcessOwner.Has(capability)
        ? null
        : new LinuxException(Errno.EPERM, call, $"A worker cannot run as {whom}: this process may not change to others; run it "
            + "as root, or start the whole supervisor as them (User= of the unit)");

    private static long KernelMaximum() => long.Parse(File.ReadAllText("/proc/sys/fs/nr_open"), CultureInfo.InvariantCulture);
}
