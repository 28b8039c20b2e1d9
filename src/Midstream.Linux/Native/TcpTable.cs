// The kernel's table of TCP sockets (/proc/net/tcp and tcp6, proc(5)), searched for one connection.

using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Midstream.Linux.Native;

internal static class TcpTable
{
    private const int LocalField = 1;
    private const int RemoteField = 2;
    private const int InodeField = 9;

    /// <summary>Finds the socket with these two ends; 0 when no process has accepted it yet, null when there is none.</summary>
    internal static ulong? InodeOf(IPEndPoint local, IPEndPoint remote) =>
        Search("/proc/net/tcp", Normal(local), Normal(remote)) ?? Search("/proc/net/tcp6", Normal(local), Normal(remote));

    /// <summary>Reads an address as the table writes it: 32-bit words in the machine's byte order, then the port.</summary>
    internal static IPEndPoint Parse(ReadOnlySpan<char> text)
    {
        var colon = text.IndexOf(':');
        var bytes = Convert.FromHexString(text[..colon]);
        for (var i = 0; BitConverter.IsLittleEndian && i < bytes.Length; i += 4)
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(i)));
        return Normal(new IPEndPoint(
            new IPAddress(bytes), int.Parse(text[(colon + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
    }

    private static ulong? Search(string table, IPEndPoint local, IPEndPoint remote)
    {
        if (!File.Exists(table))
            return null;
        // Cheap first: the ports are written plainly, and few rows have both.
        var localPort = $":{local.Port:X4}";
        var remotePort = $":{remote.Port:X4}";
        foreach (var line in File.ReadLines(table))
        {
            var fields = line.Split(' ', InodeField + 2, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > InodeField && fields[LocalField].EndsWith(localPort, StringComparison.Ordinal)
                && fields[RemoteField].EndsWith(remotePort, StringComparison.Ordinal)
                && Parse(fields[LocalField]).Equals(local) && Parse(fields[RemoteField]).Equals(remote))
                return ulong.Parse(fields[InodeField], CultureInfo.InvariantCulture);
        }

        return null;
    }

    // A dual-stack listener's connections stand as ::ffff:a.b.c.d. Scopes are not written in the table.
    private static IPEndPoint Normal(IPEndPoint endPoint)
    {
        var address = endPoint.Address.IsIPv4MappedToIPv6 ? endPoint.Address.MapToIPv4() : endPoint.Address;
        return new IPEndPoint(new IPAddress(address.GetAddressBytes()), endPoint.Port);
    }
}
