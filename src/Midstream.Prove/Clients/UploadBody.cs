using System.Globalization;
using System.Text;

namespace Midstream.Prove.Clients;

// The body of every upload of a run, cut into eight pieces, with or without the framing of chunks; read by all clients, written
// by none.
internal sealed class UploadBody
{
    private const int Count = 8;

    public UploadBody(int bytes, bool chunked)
    {
        Headers = chunked
            ? "Transfer-Encoding: chunked\r\n"
            : string.Create(CultureInfo.InvariantCulture, $"Content-Length: {bytes}\r\n");
        Pieces = new byte[Count][];
        for (var i = 0; i < Count; i++)
        {
            var (begin, end) = ((long)bytes * i / Count, (long)bytes * (i + 1) / Count);
            Pieces[i] = PieceOf((int)(end - begin), chunked, isLast: i == Count - 1);
        }
    }

    public string Headers { get; }

    public byte[][] Pieces { get; }

    private static byte[] PieceOf(int bytes, bool chunked, bool isLast)
    {
        var content = new byte[bytes];
        content.AsSpan().Fill((byte)'m');
        if (!chunked)
            return content;
        var size = Encoding.ASCII.GetBytes(bytes.ToString("x", CultureInfo.InvariantCulture) + "\r\n");
        return [.. size, .. content, .. "\r\n"u8, .. isLast ? "0\r\n\r\n"u8 : []];
    }
}
