using System.Buffers.Text;
using System.Text;

namespace Midstream.Prove.Clients;

// The bytes of the requests of one client kind. All but the request's number is the same each time and made once a run.
internal sealed class RequestText
{
    private const int NumberBytesMax = 20;
    private readonly byte[] _untilNumber;
    private readonly byte[] _fromNumber;

    public RequestText(string method, string path, string authority, string furtherHeaders)
    {
        _untilNumber = Encoding.ASCII.GetBytes(
            $"{method} {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: midstream-prove\r\n{ProveOptions.IdHeader}: ");
        _fromNumber = Encoding.ASCII.GetBytes($"\r\n{furtherHeaders}\r\n");
    }

    public int BytesMax => _untilNumber.Length + NumberBytesMax + _fromNumber.Length;

    // Returns the number of bytes written.
    public int Write(Span<byte> buffer, long number)
    {
        _untilNumber.CopyTo(buffer);
        Utf8Formatter.TryFormat(number, buffer[_untilNumber.Length..], out var digits);
        _fromNumber.CopyTo(buffer[(_untilNumber.Length + digits)..]);
        return _untilNumber.Length + digits + _fromNumber.Length;
    }
}
