using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Midstream.TestKit;

/// <summary>An HTTP/1.x client that sends exactly the bytes it is told to, when it is told to.</summary>
/// <remarks>It never opens a second connection.</remarks>
public sealed class RawConnection : IAsyncDisposable
{
    private const int ReadSize = 64 * 1024;
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[ReadSize];
    private int _at;
    private int _end;

    private RawConnection(Socket socket) => _socket = socket;

    /// <summary>Connects.</summary>
    /// <param name="url">An http address.</param>
    /// <returns>The connection.</returns>
    public static Task<RawConnection> ConnectAsync(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        return ConnectAsync(socket, new IPEndPoint(IPAddress.Loopback, url.Port));
    }

    /// <summary>Connects to a Unix socket.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>The connection.</returns>
    public static Task<RawConnection> ConnectUnixAsync(string path) =>
        ConnectAsync(new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
            new UnixDomainSocketEndPoint(path));

    /// <summary>Sends text.</summary>
    /// <param name="text">The text, in ASCII.</param>
    /// <returns>A task that ends when the kernel has it.</returns>
    public async Task SendAsync(string text)
    {
        await SendBytesAsync(Encoding.ASCII.GetBytes(text));
    }

    /// <summary>Sends bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>A task that ends when the kernel has them.</returns>
    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes)
    {
        using var bound = new CancellationTokenSource(RunningProgram.Patience);
        while (!bytes.IsEmpty)
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, bound.Token)..];
    }

    /// <summary>Reads a response's head and nothing of what follows.</summary>
    /// <returns>A task that ends after the empty line.</returns>
    public async Task ReceiveHeadAsync()
    {
        while (await ReadLineAsync() is { Length: > 0 })
        {
        }
    }

    /// <summary>Reads one short WebSocket frame of a server's.</summary>
    /// <returns>Its payload.</returns>
    public async Task<string> ReceiveFrameAsync()
    {
        await ReadByteAsync();
        return await ReadExactlyAsync(await ReadByteAsync());
    }

    /// <summary>Reads one response, its body included.</summary>
    /// <param name="toHead">True when it answers a HEAD request and so has no body.</param>
    /// <returns>The response.</returns>
    /// <exception cref="EndOfStreamException">The server has ended the connection.</exception>
    public async Task<RawResponse> ReceiveAsync(bool toHead = false)
    {
        var status = await ReadLineAsync();
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await ReadLineAsync() is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        var code = int.Parse(status.Split(' ')[1], CultureInfo.InvariantCulture);
        var hasBody = !toHead && code >= 200 && code is not (204 or 304);
        return new RawResponse(code, headers, hasBody ? await ReadBodyAsync(headers) : "");
    }

    /// <summary>Sends text and reads one response.</summary>
    /// <param name="text">The request.</param>
    /// <returns>The response.</returns>
    public async Task<RawResponse> AskAsync(string text)
    {
        await SendAsync(text);
        return await ReceiveAsync();
    }

    /// <summary>Reads one byte more.</summary>
    /// <returns>True when the server has ended the connection in order; false when there was a byte.</returns>
    public async Task<bool> IsEndedAsync() => _at == _end && !await FillAsync();

    /// <summary>Says that no more will be sent, and keeps on receiving.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Breaks the connection off by a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Dispose();
    }

    /// <summary>Closes the connection.</summary>
    /// <returns>A task that has ended.</returns>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<RawConnection> ConnectAsync(Socket socket, EndPoint address)
    {
        using var bound = new CancellationTokenSource(RunningProgram.Patience);
        await socket.ConnectAsync(address, bound.Token);
        return new RawConnection(socket);
    }

    private async Task<string> ReadBodyAsync(Dictionary<string, string> headers)
    {
        if (headers.TryGetValue("Content-Length", out var length))
            return await ReadExactlyAsync(int.Parse(length, CultureInfo.InvariantCulture));
        if (!headers.ContainsKey("Transfer-Encoding"))
            throw new InvalidDataException("Neither a length nor chunks, so only the end of the connection ends it.");

        var body = new StringBuilder();
        while (int.Parse(await ReadLineAsync(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var size)
        {
            body.Append(await ReadExactlyAsync(size));
            await ReadLineAsync();
        }

        await ReadLineAsync();
        return body.ToString();
    }

    private async Task<string> ReadLineAsync()
    {
        var line = new StringBuilder();
        while (true)
        {
            var next = (char)await ReadByteAsync();
            if (next == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append(next);
        }
    }

    private async Task<string> ReadExactlyAsync(int count)
    {
        var text = new StringBuilder(count);
        while (text.Length < count)
        {
            if (_at == _end && !await FillAsync())
                throw new EndOfStreamException($"The server ended the connection {count - text.Length} bytes early.");
            var taken = Math.Min(count - text.Length, _end - _at);
            text.Append(Encoding.ASCII.GetString(_buffer, _at, taken));
            _at += taken;
        }

        return text.ToString();
    }

    private async Task<byte> ReadByteAsync() =>
        _at < _end || await FillAsync() ? _buffer[_at++] : throw new EndOfStreamException("The server ended the connection.");

    private async Task<bool> FillAsync()
    {
        using var bound = new CancellationTokenSource(RunningProgram.Patience);
        _at = _end = 0;
        try
        {
            _end = await _socket.ReceiveAsync(_buffer, SocketFlags.None, bound.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException("The server neither answered nor ended the connection.");
        }

        return _end > 0;
    }
}

/// <summary>A response as it came.</summary>
/// <param name="Status">The status.</param>
/// <param name="Headers">The header fields, by name without regard to case.</param>
/// <param name="Body">The body, without its chunks.</param>
public sealed record RawResponse(int Status, IReadOnlyDictionary<string, string> Headers, string Body);
