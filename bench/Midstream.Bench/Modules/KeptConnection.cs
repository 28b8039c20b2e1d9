using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Midstream.Bench.Modules;

/// <summary>A client's connection, which is kept. It never retries and never connects again: what is lost is seen.</summary>
internal sealed class KeptConnection : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly string _host;
    private int _length;

    private KeptConnection(Uri address) => _host = address.Authority;

    /// <summary>Connects.</summary>
    public static async Task<KeptConnection> ConnectAsync(string address)
    {
        var uri = new Uri(address);
        var connection = new KeptConnection(uri);
        await connection._socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(uri.Host), uri.Port));
        return connection;
    }

    /// <summary>Sends a request without a body and reads its response.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path.</param>
    /// <returns>The response's body.</returns>
    /// <exception cref="IOException">It was not answered with 200 as a whole.</exception>
    public async Task<string> AskAsync(string method, string path)
    {
        var request = $"{method} {path} HTTP/1.1\r\nHost: {_host}\r\n{(method == "POST" ? "Content-Length: 0\r\n" : "")}\r\n";
        await _socket.SendAsync(Encoding.ASCII.GetBytes(request), SocketFlags.None);
        _length = 0;
        while (true)
        {
            var received = await _socket.ReceiveAsync(_buffer.AsMemory(_length), SocketFlags.None);
            if (received == 0)
                throw new IOException($"{method} {path}: the connection was closed after {_length} bytes of the response");
            _length += received;
            if (TryReadBody(Encoding.ASCII.GetString(_buffer, 0, _length)) is { } body)
                return body;
        }
    }

    /// <summary>Asks on a connection of its own: one that is idle for the length of a run is closed by the server.</summary>
    public static async Task<string> AskOnceAsync(string address, string method, string path)
    {
        using var connection = await ConnectAsync(address);
        return await connection.AskAsync(method, path);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Reads a response.</summary>
    /// <param name="response">What has come of it.</param>
    /// <returns>The body; null when something is still to come.</returns>
    /// <exception cref="IOException">It is not a response with 200 and a length.</exception>
    internal static string? TryReadBody(string response)
    {
        var end = response.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
            return null;
        var head = response[..end];
        if (!head.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal))
            throw new IOException($"answered with {head.Split("\r\n")[0]}");
        var body = response[(end + 4)..];
        if (ValueOf(head, "Content-Length") is { } length)
            return Exactly(body, int.Parse(length, CultureInfo.InvariantCulture));
        return ValueOf(head, "Transfer-Encoding") == "chunked"
            ? TryReadChunks(body)
            : throw new IOException("answered without a length");
    }

    private static string? Exactly(string body, int length) => body.Length < length ? null
        : body.Length == length ? body : throw new IOException($"{body.Length - length} bytes come after the response");

    private static string? TryReadChunks(string text)
    {
        var body = new StringBuilder();
        for (var at = 0; ;)
        {
            var line = text.IndexOf("\r\n", at, StringComparison.Ordinal);
            if (line < 0)
                return null;
            var size = int.Parse(text.AsSpan(at, line - at), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            at = line + 2 + size + 2;
            if (at > text.Length)
                return null;
            if (size == 0)
                return body.ToString();
            body.Append(text, line + 2, size);
        }
    }

    private static string? ValueOf(string head, string field) => head.Split("\r\n")
        .FirstOrDefault(line => line.StartsWith(field + ":", StringComparison.OrdinalIgnoreCase))?[(field.Length + 1)..].Trim();
}
