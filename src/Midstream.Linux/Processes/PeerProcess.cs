// Tells which generation answered on a shared listening socket: the connection's other end is a socket that exactly one of the
// processes has open. Without this a probe of the new generation could be answered by the old one.

using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Finds out which processes hold the other end of a connection to a server on this machine.</summary>
public static class PeerProcess
{
    private const int AddressBytes = 128;

    /// <summary>Tells whether a process of a group holds the other end of a connection.</summary>
    /// <param name="connectedClientSocket">A connected TCP or Unix socket.</param>
    /// <param name="processGroup">The process group.</param>
    /// <returns>
    /// True or false when it is known. Null when it cannot be told: no process has accepted the connection yet, the server is in
    /// another network namespace or on another machine, or has closed its end.
    /// </returns>
    /// <exception cref="LinuxException">The socket is not connected, or of another family.</exception>
    public static bool? AnsweredBy(SafeHandle connectedClientSocket, int processGroup)
    {
        ArgumentNullException.ThrowIfNull(connectedClientSocket);
        return InodeOfPeer(connectedClientSocket) is { } inode && inode != 0 ? Has(processGroup, inode) : null;
    }

    /// <summary>Tells whether a process of a group holds the other end of a Unix socket.</summary>
    /// <param name="socket">A connected Unix socket.</param>
    /// <param name="processGroup">The process group.</param>
    /// <returns>False also when nobody holds it: it is not accepted yet, or was closed. Null when the kernel does not
    /// tell.</returns>
    internal static bool? IsHeldBy(SafeHandle socket, int processGroup) =>
        UnixPeers.InodeOfPeer(socket) is { } inode ? inode != 0 && Has(processGroup, inode) : null;

    private static bool Has(int processGroup, ulong inode)
    {
        var link = $"socket:[{inode}]";
        return ProcessStat.OfGroup(processGroup)
            .Any(process => ProcessDescriptors.LinksOf(process.Pid).Any(descriptor => descriptor.Link == link));
    }

    private static ulong? InodeOfPeer(SafeHandle socket) => ListeningSocket.LocalEndPoint(socket) switch
    {
        IPEndPoint local => TcpTable.InodeOf(PeerEndPoint(socket), local),
        UnixDomainSocketEndPoint => UnixPeers.InodeOfPeer(socket),
        _ => null,
    };

    private static unsafe IPEndPoint PeerEndPoint(SafeHandle socket)
    {
        var address = stackalloc byte[AddressBytes];
        var length = (uint)AddressBytes;
        Calls.Check(Libc.getpeername(socket, address, &length), "getpeername", "Cannot read the address of a socket's peer");
        return (IPEndPoint)SocketAddresses.Read(new ReadOnlySpan<byte>(address, (int)length));
    }
}
