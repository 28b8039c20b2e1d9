using System.Net;
using Midstream.Core.Configuration;

namespace Midstream.Hosting.Datagrams;

/// <summary>Understands a <c>udp://</c> address, written as in "listen".</summary>
internal static class DatagramAddress
{
    private const string Scheme = $"{ListenSocket.Udp}://";

    /// <summary>Says whether a text is meant for an address and not for a name.</summary>
    /// <param name="text">The text.</param>
    public static bool IsOne(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads an address.</summary>
    /// <param name="url">The address.</param>
    /// <returns>The end point.</returns>
    /// <exception cref="FormatException">It is none.</exception>
    public static IPEndPoint Parse(string url)
    {
        var rest = url[Scheme.Length..].TrimEnd('/');
        var colon = rest.LastIndexOf(':');
        var host = colon < 0 ? rest : rest[..colon];
        var address = host switch
        {
            "*" or "+" => "[::]",
            "localhost" => $"{IPAddress.Loopback}",
            _ => host,
        };
        return colon > rest.LastIndexOf(']') && IPEndPoint.TryParse($"{address}{rest[colon..]}", out var endPoint)
            ? endPoint
            : throw new FormatException($"'{url}' is no address for datagrams; write udp://127.0.0.1:5353.");
    }
}
