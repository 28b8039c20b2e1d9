namespace Midstream.Prove.Http;

// The first line of a response: HTTP-version SP status-code SP [reason] (RFC 9112 section 4).
internal static class StatusLine
{
    private const int CodeAt = 9;
    private const int ReasonAt = 13;

    private static ReadOnlySpan<byte> Prefix => "HTTP/1."u8;

    // True while what has arrived could still become a status line: rubbish is named at once, not when its first line ends.
    public static bool CanBegin(ReadOnlySpan<byte> bytes)
    {
        var length = Math.Min(bytes.Length, Prefix.Length);
        return bytes[..length].SequenceEqual(Prefix[..length]);
    }

    public static bool TryParse(ReadOnlySpan<byte> line, out int minorVersion, out int code)
    {
        (minorVersion, code) = (0, 0);
        if (line.Length < ReasonAt || !line.StartsWith(Prefix) || line[8] != ' ' || line[12] != ' ')
            return false;
        if (line[7] is not ((byte)'0' or (byte)'1') || line[CodeAt..12].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        minorVersion = line[7] - '0';
        code = ((line[CodeAt] - '0') * 100) + ((line[CodeAt + 1] - '0') * 10) + (line[CodeAt + 2] - '0');
        return code is >= 100 and <= 599;
    }
}
