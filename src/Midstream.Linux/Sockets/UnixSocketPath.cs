// A Unix socket's address holds 107 bytes of path; this reaches longer ones through a descriptor of the folder.

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Connects to Unix stream sockets by path, of any length the file system allows.</summary>
public static class UnixSocketPath
{
    /// <summary>The most bytes of a path that an address holds itself (sun_path without its final zero, unix(7)).</summary>
    public const int MaximumDirectBytes = 107;

    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Connects to the stream socket at a path; waits up to five seconds while its queue is full.</summary>
    /// <param name="path">The path; the last component may have up to about 85 bytes when the whole has more than 107.</param>
    /// <returns>The connected, blocking socket.</returns>
    /// <exception cref="LinuxException">Nobody listens there (ECONNREFUSED), there is no such file (ENOENT), it may not be used
    /// (EACCES), or the queue stayed full (EAGAIN).</exception>
    public static FileDescriptor Connect(string path) => Connect(Abi.SOCK_STREAM, path);

    internal static FileDescriptor Connect(int type, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var socket = UnixAddress.Open(type);
        try
        {
            UnixAddress.SetSendTimeout(socket, s_connectTimeout);
            Connect(socket, path);
            UnixAddress.SetSendTimeout(socket, TimeSpan.Zero);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Tells whether a living process has a socket at the path, of whatever type.</summary>
    internal static bool IsAlive(string path)
    {
        using var probe = UnixAddress.Open(Abi.SOCK_STREAM | Abi.SOCK_NONBLOCK);
        try
        {
            Connect(probe, path);
            return true;
        }
        catch (LinuxException failure) when (failure.Errno is Errno.ECONNREFUSED or Errno.ENOENT)
        {
            return false;
        }
        catch (LinuxException failure) when (failure.Errno is Errno.EAGAIN or Errno.EPROTOTYPE)
        {
            return true; // A full queue, and a socket of another type, belong to a living process as well.
        }
    }

    private static unsafe void Connect(FileDescriptor socket, string path)
    {
        using var address = UnixAddress.OfPath(path);
        int result;
        fixed (byte* bytes = address.Bytes)
        {
            do
                result = Libc.connect(socket, bytes, (uint)address.Bytes.Length);
            while (Calls.Interrupted(result));
        }

        Calls.Check(result, "connect", $"Cannot connect to {path}");
    }
}
