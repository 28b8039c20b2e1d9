// Turns the kernel's socket addresses into end points. The base library's SocketAddress has the kernel's own layout.

using System.Net;
using System.Net.Sockets;

namespace Midstream.Linux.Native;

internal static class SocketAddresses
{
    internal static EndPoint Read(ReadOnlySpan<byte> bytes)
    {
        var family = BitConverter.ToUInt16(bytes);
        EndPoint kind = family switch
        {
            Abi.AF_INET => new IPEndPoint(IPAddress.Any, 0),
            Abi.AF_INET6 => new IPEndPoint(IPAddress.IPv6Any, 0),
            Abi.AF_UNIX => new UnixDomainSocketEndPoint("/"),
            _ => throw new LinuxException(
                Errno.EAFNOSUPPORT, "getsockname", $"A socket of address family {family} has no end point here"),
        };
        var address = new SocketAddress(kind.AddressFamily, bytes.Length);
        bytes.CopyTo(address.Buffer.Span);
        return kind.Create(address);
    }
}
