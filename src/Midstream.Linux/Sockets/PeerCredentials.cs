// Who is at the other end of a Unix socket, as the kernel vouches for it.

using System.Runtime.InteropServices;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Identifies the process at the other end of a Unix socket (SO_PEERCRED, unix(7)).</summary>
/// <param name="Pid">The process; 0 when it lives in a process namespace this process cannot see.</param>
/// <param name="Uid">The effective user at the time.</param>
/// <param name="Gid">The effective group at the time.</param>
public readonly record struct PeerCredentials(int Pid, uint Uid, uint Gid)
{
    /// <summary>Reads the credentials of a connected Unix socket's peer.</summary>
    /// <param name="socket">A connected stream or SEQPACKET socket.</param>
    /// <returns>
    /// Those of the process that called connect(2), listen(2) or socketpair(2) at the other end, then. A socket passed on since
    /// still names that process.
    /// </returns>
    /// <exception cref="LinuxException">The descriptor is no socket (ENOTSOCK).</exception>
    public static unsafe PeerCredentials Of(SafeHandle socket)
    {
        UserCredentials peer = default;
        var length = (uint)sizeof(UserCredentials);
        Calls.Check(
            Libc.getsockopt(socket, Abi.SOL_SOCKET, Abi.SO_PEERCRED, &peer, &length),
            "getsockopt(SO_PEERCRED)", "Cannot tell who is at the other end of a socket");
        return new PeerCredentials(peer.Pid, peer.Uid, peer.Gid);
    }
}
