// Understands one listen URL: which sockets it means, or why it means none.
//
//   http://127.0.0.1:5000  http://[::1]:5000   that address
//   http://localhost:5000                      127.0.0.1 and ::1
//   http://*:5000  http://+:5000  http://[::]:5000   every address, IPv4 and IPv6 on one socket
//   http://0.0.0.0:5000                        every IPv4 address
//   unix:/run/shop.sock  http://unix:/run/shop.sock  a Unix socket
//   udp://127.0.0.1:5353                       a datagram socket, with the same hosts and always a port
//
// https:// means the same sockets with TLS, done by the worker. Without a port: 80 and 443. Port 0: any free port.

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Midstream.Core.Configuration;

/// <summary>Holds what a listen URL means.</summary>
internal sealed record ListenUrl
{
    // sun_path has 108 bytes, one of them for the NUL at the end (unix(7)).
    private const int UnixPathBytesMax = 107;

    /// <summary>"http", "https" or "udp".</summary>
    public string Scheme { get; private init; } = "http";

    /// <summary>The addresses to listen on; empty for a Unix socket.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints { get; private init; } = [];

    /// <summary>The path of a Unix socket; null for addresses.</summary>
    public string? UnixPath { get; private init; }

    /// <summary>What is wrong and what to write; null when nothing is.</summary>
    public string? Error { get; private init; }

    /// <summary>Understands a URL. Never throws: a URL that means nothing has an <see cref="Error"/>.</summary>
    public static ListenUrl Parse(string url)
    {
        if (url.StartsWith("unix:", StringComparison.OrdinalIgnoreCase))
            return ParseUnix(url, "http", url["unix:".Length..]);

        int end = url.IndexOf("://", StringComparison.Ordinal);
        if (end < 0)
            return Wrong(url, "does not begin with a scheme; write http://, https://, udp:// or unix: before the address");

        string scheme = url[..end].ToLowerInvariant();
        string rest = url[(end + 3)..];
        if (scheme is not ("http" or "https" or ListenSocket.Udp))
            return Wrong(url, $"has the scheme \"{scheme}\"; write http://, https://, udp:// or unix:");

        return rest.StartsWith("unix:", StringComparison.OrdinalIgnoreCase)
            ? ParseUnix(url, scheme, rest["unix:".Length..])
            : ParseAuthority(url, scheme, rest);
    }

    private static ListenUrl ParseUnix(string url, string scheme, string path)
    {
        if (scheme == ListenSocket.Udp)
            return Wrong(url, "asks for datagrams on a path, which is not done; write udp://address:port");

        // unix:///run/x is how others write unix:/run/x.
        string absolute = path.StartsWith("///", StringComparison.Ordinal) ? path[2..] : path;
        if (!absolute.StartsWith('/'))
            return Wrong(url, "has no absolute path; write unix:/run/name.sock");
        if (absolute.Split('/')[1..].Any(part => part is "" or "." or "..") || absolute.Contains('\0'))
            return Wrong(url, "has a path that is not plain; write it without //, /./, /../, a / at its end, or NUL");
        if (absolute.Any(letter => letter is ';' or ':' || char.IsControl(letter)))
            return Wrong(url, "has a path with a semicolon, a colon or a control character, which an application's list " +
                "of URLs cannot carry");
        if (Encoding.UTF8.GetByteCount(absolute) > UnixPathBytesMax)
            return Wrong(url, $"has a path longer than {UnixPathBytesMax} bytes, a Unix socket's most; choose a shorter one");

        return new ListenUrl { Scheme = scheme, UnixPath = absolute };
    }

    private static ListenUrl ParseAuthority(string url, string scheme, string rest)
    {
        string authority = rest.EndsWith('/') ? rest[..^1] : rest;
        if (authority.AsSpan().IndexOfAny('/', '?', '#') >= 0)
            return Wrong(url, $"has more than an address; a socket has no path or query: write {scheme}://address:port");
        if (!TrySplit(authority, out string host, out string? portText))
            return Wrong(url, $"has an IPv6 address without brackets; write {scheme}://[::1]:5000");
        bool hasDefault = scheme != ListenSocket.Udp;
        if (portText is null && !hasDefault)
            return Wrong(url, "has no port, and datagrams have no usual one; write udp://address:port");
        if (!TryReadPort(portText, scheme, out int port))
            return Wrong(url, $"has the port \"{portText}\"; write a number from 0 to 65535" +
                (hasDefault ? ", or no colon for the default" : ""));

        return ParseHost(url, scheme, host, port);
    }

    private static ListenUrl ParseHost(string url, string scheme, string host, int port)
    {
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return port == 0
                ? Wrong(url, "asks for any port on two addresses, which would differ; write 127.0.0.1 or [::1] instead")
                : new ListenUrl
                {
                    Scheme = scheme,
                    EndPoints = [new(IPAddress.Loopback, port), new(IPAddress.IPv6Loopback, port)],
                };
        }

        if (host is "*" or "+")
            return new ListenUrl { Scheme = scheme, EndPoints = [new(IPAddress.IPv6Any, port)] };

        return TryReadAddress(host, out IPAddress? address)
            ? new ListenUrl { Scheme = scheme, EndPoints = [new(address, port)] }
            : Wrong(url, $"names the host \"{host}\"; write an address of this machine, localhost, or * for every address");
    }

    private static bool TrySplit(string authority, out string host, out string? port)
    {
        int colon = authority.LastIndexOf(':');
        if (colon <= authority.LastIndexOf(']'))
            colon = -1;

        host = colon < 0 ? authority : authority[..colon];
        port = colon < 0 ? null : authority[(colon + 1)..];
        return !host.Contains(':') || host.StartsWith('[');
    }

    private static bool TryReadPort(string? text, string scheme, out int port)
    {
        port = scheme == "https" ? 443 : 80;
        return text is null
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= IPEndPoint.MaxPort);
    }

    // IPAddress understands "1" and "0x7f.1" too, which nobody means; and it would look up the interface of a zone ("%eth0").
    private static bool TryReadAddress(string host, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        bool isBracketed = host.StartsWith('[') && host.EndsWith(']');
        string bare = isBracketed ? host[1..^1] : host;
        if (bare.Contains('%') || !IPAddress.TryParse(bare, out IPAddress? read))
            return false;
        if (isBracketed != (read.AddressFamily == AddressFamily.InterNetworkV6) || (!isBracketed && read.ToString() != bare))
            return false;

        address = read.IsIPv4MappedToIPv6 ? read.MapToIPv4() : read;
        return true;
    }

    private static ListenUrl Wrong(string url, string why) => new() { Error = $"\"{url}\" {why}." };
}
