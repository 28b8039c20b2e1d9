// Binds the sockets a service is reached by. They are bound once and outlive every generation, so each step must leave either
// the old state or the new one.

using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Creates the sockets that clients reach, as plain descriptors, which any process can inherit.</summary>
public static class ListeningSocket
{
    private const int AddressBytes = 128; // sizeof(struct sockaddr_storage)

    /// <summary>
    /// Binds and listens on a TCP address, with SO_REUSEADDR; the socket is non-blocking. [::] serves IPv4 as well
    /// (IPV6_V6ONLY=0); where the kernel has no IPv6 at all, [::] becomes 0.0.0.0.
    /// </summary>
    /// <param name="endPoint">The address; port 0 for any free one, see <see cref="LocalEndPoint"/>.</param>
    /// <param name="backlog">The length of the accept queue; the kernel caps it at net.core.somaxconn.</param>
    /// <returns>The listening socket.</returns>
    /// <exception cref="LinuxException">The address is taken (EADDRINUSE), not this machine's (EADDRNOTAVAIL), or its port
    /// needs privileges (EACCES).</exception>
    public static FileDescriptor BindTcp(IPEndPoint endPoint, int backlog)
    {
        return BindWithFamily(endPoint, exact =>
        {
            var socket = BindExactly(Abi.SOCK_STREAM, exact);
            try
            {
                Listen(socket, backlog, exact.ToString());
                return socket;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        });
    }

    /// <summary>
    /// Binds a datagram socket to a UDP address; it is non-blocking, and [::] is as for <see cref="BindTcp"/>. Without
    /// SO_REUSEADDR, which would let any process of the same user take the address away (socket(7)).
    /// </summary>
    /// <param name="endPoint">The address; port 0 for any free one.</param>
    /// <returns>The socket. What arrives from now on waits in it, as much as net.core.rmem_default says.</returns>
    /// <exception cref="LinuxException">As for <see cref="BindTcp"/>.</exception>
    public static FileDescriptor BindUdp(IPEndPoint endPoint) =>
        BindWithFamily(endPoint, static exact => BindExactly(Abi.SOCK_DGRAM, exact));

    /// <summary>
    /// Binds and listens on a path. The socket appears there complete, with its mode and owner and already listening, by a
    /// rename; a stale socket file is replaced in the same step. The socket is non-blocking.
    /// </summary>
    /// <remarks>Two processes that bind the same path at the same moment are not told apart: hold a lock around it.</remarks>
    /// <param name="path">The path, of any length; see <see cref="UnixSocketPath"/>.</param>
    /// <param name="backlog">The length of the accept queue.</param>
    /// <param name="mode">Who may connect: writing permission counts.</param>
    /// <param name="uid">The owner; null to leave it.</param>
    /// <param name="gid">The group; null to leave it.</param>
    /// <returns>The listening socket. Its own address is the temporary name it was bound with.</returns>
    /// <exception cref="LinuxException">A living process has the path (EADDRINUSE), what is there is no socket and was left
    /// alone (ENOTSOCK), or another error.</exception>
    public static FileDescriptor BindUnix(
        string path, int backlog, UnixFileMode mode, uint? uid = null, uint? gid = null) =>
        BindUnixSocket(Abi.SOCK_STREAM, path, backlog, mode, uid, gid);

    internal static FileDescriptor BindUnixSocket(
        int type, string path, int backlog, UnixFileMode mode, uint? uid, uint? gid)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ThrowIfTaken(path);
        var temporary = Path.Combine(
            Path.GetDirectoryName(path) ?? "", $".ms-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}");
        var socket = UnixAddress.Open(type | Abi.SOCK_NONBLOCK);
        try
        {
            Bind(socket, temporary, path);
            Calls.Check(Libc.chmod(temporary, (uint)mode), "chmod", $"Cannot set the mode of {path}");
            if (uid is not null || gid is not null)
            {
                Calls.Check(
                    Libc.lchown(temporary, uid ?? uint.MaxValue, gid ?? uint.MaxValue),
                    "lchown", $"Cannot set the owner of {path}");
            }

            Listen(socket, backlog, path);
            Calls.Check(Libc.rename(temporary, path), "rename", $"Cannot put the socket at {path}");
            return socket;
        }
        catch
        {
            _ = Libc.unlink(temporary);
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Reads the address a socket is bound to (getsockname(2)).</summary>
    /// <param name="socket">A TCP or Unix socket.</param>
    /// <returns>An <see cref="IPEndPoint"/>, or a <see cref="UnixDomainSocketEndPoint"/> with the name used in bind(2), which
    /// for <see cref="BindUnix"/> is the temporary one.</returns>
    /// <exception cref="LinuxException">The descriptor is no socket (ENOTSOCK), or of another family (EAFNOSUPPORT).</exception>
    public static unsafe EndPoint LocalEndPoint(SafeHandle socket)
    {
        var address = stackalloc byte[AddressBytes];
        var length = (uint)AddressBytes;
        Calls.Check(Libc.getsockname(socket, address, &length), "getsockname", "Cannot read a socket's address");
        return SocketAddresses.Read(new ReadOnlySpan<byte>(address, (int)length));
    }

    /// <summary>
    /// Tells whether a path still leads to a Unix socket, however it was moved after it was bound. One that was removed, or
    /// replaced by another socket, is out of reach for new clients although it is open.
    /// </summary>
    /// <param name="socket">The listening socket.</param>
    /// <param name="path">Where it should be.</param>
    /// <returns>Null when the kernel does not tell.</returns>
    /// <exception cref="LinuxException">The path cannot be looked at (EACCES).</exception>
    public static bool? IsReachedBy(SafeHandle socket, string path)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (UnixPeers.InodeOfFile(socket) is not { } inode)
            return null;
        if (Libc.statx(Abi.AT_FDCWD, path, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, out var status) == 0)
            return (uint)status.Inode == (uint)inode; // The kernel tells the lower half alone.
        return Calls.LastError is Errno.ENOENT or Errno.ENOTDIR
            ? false
            : throw LinuxException.Last("statx", $"Cannot look at {path}");
    }

    private static FileDescriptor BindWithFamily(IPEndPoint endPoint, Func<IPEndPoint, FileDescriptor> bind)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        try
        {
            return bind(endPoint);
        }
        catch (LinuxException failure) when (
            failure.Errno is Errno.EAFNOSUPPORT or Errno.EADDRNOTAVAIL && endPoint.Address.Equals(IPAddress.IPv6Any))
        {
            return bind(new IPEndPoint(IPAddress.Any, endPoint.Port));
        }
    }

    private static FileDescriptor BindExactly(int type, IPEndPoint endPoint)
    {
        var family = endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? Abi.AF_INET6 : Abi.AF_INET;
        var socket = FileDescriptor.Owning(
            Libc.socket(family, type | Abi.SOCK_CLOEXEC | Abi.SOCK_NONBLOCK, 0),
            "socket", $"Cannot create a socket for {endPoint}");
        try
        {
            if (type == Abi.SOCK_STREAM)
                Set(socket, Abi.SOL_SOCKET, Abi.SO_REUSEADDR, 1);
            if (family == Abi.AF_INET6)
                Set(socket, Abi.IPPROTO_IPV6, Abi.IPV6_V6ONLY, endPoint.Address.Equals(IPAddress.IPv6Any) ? 0 : 1);
            Bind(socket, endPoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static unsafe void Bind(FileDescriptor socket, IPEndPoint endPoint)
    {
        var address = endPoint.Serialize();
        fixed (byte* bytes = address.Buffer.Span)
            Calls.Check(Libc.bind(socket, bytes, (uint)address.Size), "bind", $"Cannot bind {endPoint}");
    }

    private static unsafe void Bind(FileDescriptor socket, string temporary, string path)
    {
        using var address = UnixAddress.OfPath(temporary);
        fixed (byte* bytes = address.Bytes)
            Calls.Check(Libc.bind(socket, bytes, (uint)address.Bytes.Length), "bind", $"Cannot bind a socket for {path}");
    }

    private static void Listen(FileDescriptor socket, int backlog, string where) =>
        Calls.Check(Libc.listen(socket, backlog), "listen", $"Cannot listen on {where}");

    private static unsafe void Set(FileDescriptor socket, int level, int option, int value) =>
        Calls.Check(
            Libc.setsockopt(socket, level, option, &value, sizeof(int)), "setsockopt", $"Cannot set option {option} of a socket");

    private static void ThrowIfTaken(string path)
    {
        if (Libc.statx(Abi.AT_FDCWD, path, Abi.AT_SYMLINK_NOFOLLOW, Abi.STATX_BASIC_STATS, out var status) == -1)
        {
            if (Calls.LastError == Errno.ENOENT)
                return;
            throw LinuxException.Last("statx", $"Cannot look at {path}");
        }

        if ((status.Mode & Abi.S_IFMT) != Abi.S_IFSOCK)
            throw new LinuxException(Errno.ENOTSOCK, "bind", $"{path} exists and is no socket; it was left alone. Move it away");
        if (UnixSocketPath.IsAlive(path))
            throw new LinuxException(Errno.EADDRINUSE, "bind", $"A living process listens on {path}; stop it first");
    }
}
