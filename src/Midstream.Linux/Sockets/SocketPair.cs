// Two connected ends without an address.

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Creates pairs of connected Unix sockets (socketpair(2)).</summary>
public static class SocketPair
{
    /// <summary>Creates two connected stream sockets with close-on-exec set.</summary>
    /// <returns>The two ends; they are alike.</returns>
    /// <exception cref="LinuxException">The process has no descriptor left (EMFILE).</exception>
    public static (FileDescriptor First, FileDescriptor Second) CreateStream() => Create(Abi.SOCK_STREAM);

    internal static unsafe (FileDescriptor First, FileDescriptor Second) Create(int type)
    {
        var pair = stackalloc int[2];
        Calls.Check(
            Libc.socketpair(Abi.AF_UNIX, type | Abi.SOCK_CLOEXEC, 0, pair), "socketpair", "Cannot create a pair of sockets");
        return (FileDescriptor.Owning(pair[0], "socketpair", ""), FileDescriptor.Owning(pair[1], "socketpair", ""));
    }
}
