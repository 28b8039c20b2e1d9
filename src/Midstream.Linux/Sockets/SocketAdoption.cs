// The way from a descriptor that came from elsewhere to a Socket of the framework's, and the check that it is one.

using System.Net.Sockets;
using System.Runtime.InteropServices;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Makes sockets of descriptors that were inherited or received.</summary>
public static class SocketAdoption
{
    // <sys/socket.h>, the same on x86-64 and arm64.
    private const int SO_TYPE = 3;
    private const int SO_ACCEPTCONN = 30;
    private const int SO_DOMAIN = 39;

    /// <summary>Makes a socket of a descriptor, which belongs to the socket from then on.</summary>
    /// <param name="descriptor">A socket's descriptor that nobody shares the closing of; not usable afterwards.</param>
    /// <returns>The socket.</returns>
    /// <exception cref="SocketException">The descriptor is no socket.</exception>
    public static Socket ToSocket(this FileDescriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        var socket = new Socket(new SafeSocketHandle(descriptor.Number, ownsHandle: true));
        descriptor.SetHandleAsInvalid();
        return socket;
    }

    /// <summary>Says whether a descriptor is a stream socket with a peer, and not a listener, a file or anything else.</summary>
    /// <param name="descriptor">Any open descriptor.</param>
    /// <returns>True for a connected SOCK_STREAM socket; true also when its peer has just gone, for then it is still
    /// one.</returns>
    public static bool IsConnectedStream(SafeHandle descriptor) =>
        TryGet(descriptor, SO_TYPE) == Abi.SOCK_STREAM && TryGet(descriptor, SO_ACCEPTCONN) == 0;

    /// <summary>Tells whether a descriptor is a stream socket that listens.</summary>
    /// <param name="descriptor">The descriptor, of any kind.</param>
    /// <returns>False for everything else.</returns>
    public static bool IsListeningStream(SafeHandle descriptor) =>
        TryGet(descriptor, SO_TYPE) == Abi.SOCK_STREAM && TryGet(descriptor, SO_ACCEPTCONN) == 1;

    /// <summary>Tells whether a descriptor is a datagram socket of the Internet protocols.</summary>
    /// <param name="descriptor">The descriptor, of any kind.</param>
    /// <returns>False for everything else, a Unix datagram socket among it.</returns>
    public static bool IsInternetDatagram(SafeHandle descriptor) =>
        TryGet(descriptor, SO_TYPE) == Abi.SOCK_DGRAM && TryGet(descriptor, SO_DOMAIN) is Abi.AF_INET or Abi.AF_INET6;

    private static unsafe int? TryGet(SafeHandle socket, int option)
    {
        int value;
        uint length = sizeof(int);
        return Libc.getsockopt(socket, Abi.SOL_SOCKET, option, &value, &length) == 0 ? value : null;
    }
}
