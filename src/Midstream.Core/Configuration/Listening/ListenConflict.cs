// Tells which sockets cannot be bound at once, so that the user hears it before the operating system does (bind(2), EADDRINUSE).

using System.Net;
using System.Net.Sockets;

namespace Midstream.Core.Configuration;

/// <summary>Finds sockets that take the same address.</summary>
internal static class ListenConflict
{
    /// <summary>Tells whether two sockets take the same address.</summary>
    public static bool Exists(ListenSocket a, ListenSocket b)
    {
        if (a.UnixPath is not null || b.UnixPath is not null)
            return a.UnixPath == b.UnixPath;

        // TCP and UDP count their ports apart.
        if (a.IsDatagram != b.IsDatagram)
            return false;

        // Two sockets on port 0 get two free ports.
        return a.EndPoint!.Port == b.EndPoint!.Port && a.EndPoint.Port != 0
            && (a.EndPoint.Equals(b.EndPoint) || Covers(a.EndPoint.Address, b.EndPoint.Address)
                || Covers(b.EndPoint.Address, a.EndPoint.Address));
    }

    /// <summary>Names a socket's address for a message.</summary>
    public static string Describe(ListenSocket socket) => socket.UnixPath ?? socket.EndPoint!.ToString();

    // [::] takes IPv4 as well, because it is bound for both.
    private static bool Covers(IPAddress wildcard, IPAddress other) =>
        wildcard.Equals(IPAddress.IPv6Any)
        || (wildcard.Equals(IPAddress.Any) && other.AddressFamily == AddressFamily.InterNetwork);
}
