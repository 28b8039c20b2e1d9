// The error numbers this product tells apart, and the names of those its messages show (errno(3), the same on x86-64 and arm64).

namespace Midstream.Linux;

/// <summary>Names the error numbers of the operating system that callers tell apart (errno(3)).</summary>
public static class Errno
{
    /// <summary>Operation not permitted.</summary>
    public const int EPERM = 1;

    /// <summary>No such file or directory.</summary>
    public const int ENOENT = 2;

    /// <summary>No such process.</summary>
    public const int ESRCH = 3;

    /// <summary>A signal interrupted the call. Never seen by callers: such calls are repeated.</summary>
    public const int EINTR = 4;

    /// <summary>Bad file descriptor.</summary>
    public const int EBADF = 9;

    /// <summary>No child process.</summary>
    public const int ECHILD = 10;

    /// <summary>The call would block; try again later.</summary>
    public const int EAGAIN = 11;

    /// <summary>Permission denied.</summary>
    public const int EACCES = 13;

    /// <summary>The file exists already.</summary>
    public const int EEXIST = 17;

    /// <summary>Not a directory.</summary>
    public const int ENOTDIR = 20;

    /// <summary>Is a directory.</summary>
    public const int EISDIR = 21;

    /// <summary>Invalid argument.</summary>
    public const int EINVAL = 22;

    /// <summary>The system has too many open files.</summary>
    public const int ENFILE = 23;

    /// <summary>The process has too many open descriptors.</summary>
    public const int EMFILE = 24;

    /// <summary>The file would become larger than its limit.</summary>
    public const int EFBIG = 27;

    /// <summary>No space left on the device.</summary>
    public const int ENOSPC = 28;

    /// <summary>The file system is read-only.</summary>
    public const int EROFS = 30;

    /// <summary>The reading end is closed.</summary>
    public const int EPIPE = 32;

    /// <summary>The result does not fit the buffer.</summary>
    public const int ERANGE = 34;

    /// <summary>The name is too long.</summary>
    public const int ENAMETOOLONG = 36;

    /// <summary>The kernel has no such call.</summary>
    public const int ENOSYS = 38;

    /// <summary>The descriptor is no socket.</summary>
    public const int ENOTSOCK = 88;

    /// <summary>The message is too long.</summary>
    public const int EMSGSIZE = 90;

    /// <summary>The socket at the address is of another type.</summary>
    public const int EPROTOTYPE = 91;

    /// <summary>The address family is not supported.</summary>
    public const int EAFNOSUPPORT = 97;

    /// <summary>The address is in use already.</summary>
    public const int EADDRINUSE = 98;

    /// <summary>The address is not one of this machine's.</summary>
    public const int EADDRNOTAVAIL = 99;

    /// <summary>The connection ended before it was accepted.</summary>
    public const int ECONNABORTED = 103;

    /// <summary>The peer reset the connection.</summary>
    public const int ECONNRESET = 104;

    /// <summary>Too many descriptors of this user are on their way between processes (unix(7)).</summary>
    public const int ETOOMANYREFS = 109;

    /// <summary>Nobody listens there.</summary>
    public const int ECONNREFUSED = 111;

    /// <summary>Returns the name of an error number as the manual pages write it.</summary>
    /// <param name="number">The error number.</param>
    /// <returns>For example <c>EADDRINUSE</c>, or <c>errno 77</c> for a number that has no constant here.</returns>
    public static string NameOf(int number) => number switch
    {
        EPERM => nameof(EPERM),
        ENOENT => nameof(ENOENT),
        ESRCH => nameof(ESRCH),
        EINTR => nameof(EINTR),
        EBADF => nameof(EBADF),
        ECHILD => nameof(ECHILD),
        EAGAIN => nameof(EAGAIN),
        EACCES => nameof(EACCES),
        EEXIST => nameof(EEXIST),
        ENOTDIR => nameof(ENOTDIR),
        EISDIR => nameof(EISDIR),
        EINVAL => nameof(EINVAL),
        ENFILE => nameof(ENFILE),
        EMFILE => nameof(EMFILE),
        EFBIG => nameof(EFBIG),
        ENOSPC => nameof(ENOSPC),
        EROFS => nameof(EROFS),
        EPIPE => nameof(EPIPE),
        ERANGE => nameof(ERANGE),
        ENAMETOOLONG => nameof(ENAMETOOLONG),
        ENOSYS => nameof(ENOSYS),
        ENOTSOCK => nameof(ENOTSOCK),
        EMSGSIZE => nameof(EMSGSIZE),
        EPROTOTYPE => nameof(EPROTOTYPE),
        EAFNOSUPPORT => nameof(EAFNOSUPPORT),
        EADDRINUSE => nameof(EADDRINUSE),
        EADDRNOTAVAIL => nameof(EADDRNOTAVAIL),
        ECONNABORTED => nameof(ECONNABORTED),
        ECONNRESET => nameof(ECONNRESET),
        ETOOMANYREFS => nameof(ETOOMANYREFS),
        ECONNREFUSED => nameof(ECONNREFUSED),
        _ => $"errno {number}",
    };
}
