using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Midstream.Prove.Tests.Server;

// Reads requests from a socket, independently of the product's own parser, so that a mistake there cannot hide itself.
internal sealed class RequestReader(Socket socket)
{
    private readonly List<byte> _buffer = [];

    public sealed record Request(string Method, string Path, IReadOnlyDictionary<string, string> Headers, int BodyBytes);

    // Null when the connection ended before the request was complete.
    public async Task<Request?> ReadAsync(CancellationToken cancellationToken)
    {
        if (await ReadUntilAsync("\r\n\r\n"u8.ToArray(), cancellationToken) is not { } head)
            return null;
        var lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var start = lines[0].Split(' ');
        var headers = lines[1..].Select(line => line.Split(':', 2)).ToDictionary(
            parts => parts[0], parts => parts[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var length = int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture);
        var bodyBytes = headers.ContainsKey("Transfer-Encoding")
            ? await ReadChunksAsync(cancellationToken)
            : await SkipAsync(length, cancellationToken);
        return bodyBytes < 0 ? null : new Request(start[0], start[1], headers, bodyBytes);
    }

    private async Task<int> ReadChunksAsync(CancellationToken cancellationToken)
    {
        for (var total = 0; ;)
        {
            if (await ReadUntilAsync("\r\n"u8.ToArray(), cancellationToken) is not { } line)
                return -1;
            var size = int.Parse(line.Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (await SkipAsync(size + 2, cancellationToken) < 0)
                return -1;
            if (size == 0)
                return total;
            total += size;
        }
    }

    private async Task<string?> ReadUntilAsync(byte[] mark, CancellationToken cancellationToken)
    {
        int index;
        while ((index = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_buffer).IndexOf(mark)) < 0)
        {
            if (!await FillAsync(cancellationToken))
                return null;
        }
        var text = Encoding.ASCII.GetString([.. _buffer.Take(index + mark.Length)]);
        _buffer.RemoveRange(0, index + mark.Length);
        return text;
    }

    private async Task<int> SkipAsync(int count, CancellationToken cancellationToken)
    {
        while (_buffer.Count < count)
        {
            if (!await FillAsync(cancellationToken))
                return -1;
        }
        _buffer.RemoveRange(0, count);
        return count;
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        var piece = new byte[16 * 1024];
        var count = await socket.ReceiveAsync(piece, cancellationToken);
        _buffer.AddRange(piece.AsSpan(0, count));
        return count > 0;
    }
}
