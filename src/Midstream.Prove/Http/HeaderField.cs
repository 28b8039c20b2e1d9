using System.Buffers;
using System.Text;

namespace Midstream.Prove.Http;

// One header field line, taken apart as strictly as RFC 9112 section 5 allows: no space before the colon, no folded lines.
internal readonly ref struct HeaderField
{
    private static readonly SearchValues<byte> s_token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private HeaderField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Name = name;
        Value = value;
    }

    public ReadOnlySpan<byte> Name { get; }

    public ReadOnlySpan<byte> Value { get; }

    public static bool IsName(ReadOnlySpan<byte> name) => name.Length > 0 && name.IndexOfAnyExcept(s_token) < 0;

    public static bool TryParse(ReadOnlySpan<byte> line, out HeaderField field)
    {
        field = default;
        var colon = line.IndexOf((byte)':');
        if (colon < 0 || !IsName(line[..colon]))
            return false;
        var value = line[(colon + 1)..].Trim(" \t"u8);
        // Field values hold visible characters, spaces and tabs (RFC 9110 section 5.5); bytes from 0x80 are opaque.
        foreach (var b in value)
        {
            if (b is < 0x20 and not (byte)'\t' or 0x7f)
                return false;
        }
        field = new HeaderField(line[..colon], value);
        return true;
    }

    public bool Is(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(Name, name);

    // True when the comma-separated value holds this token (RFC 9110 section 5.6.1).
    public bool Lists(ReadOnlySpan<byte> token)
    {
        foreach (var range in Value.Split((byte)','))
        {
            if (Ascii.EqualsIgnoreCase(Value[range].Trim(" \t"u8), token))
                return true;
        }
        return false;
    }
}
