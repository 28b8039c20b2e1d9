using System.Buffers;

namespace Midstream.Hosting.Transport;

/// <summary>
/// The header that a proxy puts in front of a connection to say who the client is (the PROXY protocol of HAProxy, versions 1 and
/// 2). A middleware of the application consumes it, once in a connection's life; so it goes along when the connection moves,
/// and the next process's middleware finds it again.
/// </summary>
internal static class ProxyHeader
{
    private const int TextLengthMax = 107;
    private const int BinaryPrefixLength = 16;

    /// <summary>Says how long the header is with which a connection begins.</summary>
    /// <param name="start">The connection's first bytes.</param>
    /// <returns>Its length in bytes; 0 when the connection begins in another way; null when more bytes are needed to
    /// tell.</returns>
    public static int? LengthOf(in ReadOnlySequence<byte> start)
    {
        // The binary signature has no prefix in common with a request of any HTTP version: those begin with a letter.
        var peek = start.Slice(0, Math.Min(start.Length, TextLengthMax)).ToArray();
        return peek[0] switch
        {
            (byte)'\r' => LengthOfBinary(peek),
            (byte)'P' => LengthOfText(peek),
            _ => 0,
        };
    }

    private static int? LengthOfText(ReadOnlySpan<byte> bytes)
    {
        var sign = "PROXY "u8;
        if (!bytes.StartsWith(sign))
            return bytes.Length < sign.Length && sign.StartsWith(bytes) ? null : 0;
        var end = bytes.IndexOf("\r\n"u8);
        if (end >= 0)
            return end + 2;
        return bytes.Length < TextLengthMax ? null : 0;
    }

    private static int? LengthOfBinary(ReadOnlySpan<byte> bytes)
    {
        var sign = "\r\n\r\n\0\r\nQUIT\n"u8;
        if (!bytes.StartsWith(sign))
            return bytes.Length < sign.Length && sign.StartsWith(bytes) ? null : 0;
        return bytes.Length < BinaryPrefixLength
            ? null : BinaryPrefixLength + System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
    }
}
