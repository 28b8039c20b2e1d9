using System.Buffers.Binary;

namespace Midstream.Control.HandOver;

/// <summary>Names what a connection with a passage speaks.</summary>
public enum PassageKind : byte
{
    /// <summary>A WebSocket between two messages: the request that opened it is asked again in the new process.</summary>
    WebSocket = 1,

    /// <summary>A protocol of the application's own, on a connection handler.</summary>
    Stream = 2,
}

/// <summary>
/// What goes with a connection from the middle of a conversation, beside its unread bytes: how it was opened, and what the
/// application has saved of it.
/// </summary>
/// <param name="Kind">What is spoken.</param>
/// <param name="Opening">The bytes the server is shown before the unread ones: a proxy's header, an upgrade request.</param>
/// <param name="Agreement">What was agreed on at the opening, as text: it has to be agreed on again, or the conversation cannot
/// go
/// on.</param>
/// <param name="State">What the application has saved; only it knows the meaning.</param>
public sealed record Passage(
    PassageKind Kind, ReadOnlyMemory<byte> Opening, ReadOnlyMemory<byte> Agreement, ReadOnlyMemory<byte> State)
{
    /// <summary>The most bytes of the opening: 64 KiB.</summary>
    public const int OpeningMax = 64 * 1024;

    /// <summary>The most bytes of the agreement: 4 KiB.</summary>
    public const int AgreementMax = 4 * 1024;

    /// <summary>The most bytes of the application's state: 1 MiB.</summary>
    public const int StateMax = 1024 * 1024;

    /// <summary>The most bytes in all.</summary>
    public const int LengthMax = HeaderLength + OpeningMax + AgreementMax + StateMax;

    // offset 0: kind; 1 to 3: zero; 4, 8, 12: the three lengths, little-endian; 16: opening, agreement, state.
    private const int HeaderLength = 16;

    /// <summary>Gets whether every part keeps its limit.</summary>
    public bool IsWithinLimits =>
        Opening.Length <= OpeningMax && Agreement.Length <= AgreementMax && State.Length <= StateMax;

    /// <summary>Writes the passage.</summary>
    /// <returns>Its bytes.</returns>
    public byte[] ToBytes()
    {
        var header = new byte[HeaderLength];
        header[0] = (byte)Kind;
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), Opening.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), Agreement.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), State.Length);
        return [.. header, .. Opening.Span, .. Agreement.Span, .. State.Span];
    }

    /// <summary>Reads a passage.</summary>
    /// <param name="bytes">Its bytes, no more and no fewer; the passage refers to them.</param>
    /// <returns>The passage; null when the bytes are none, or break a limit.</returns>
    public static Passage? TryRead(ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        if (span.Length < HeaderLength || span[0] is < 1 or > 2)
            return null;
        var opening = BinaryPrimitives.ReadInt32LittleEndian(span[4..]);
        var agreement = BinaryPrimitives.ReadInt32LittleEndian(span[8..]);
        var state = BinaryPrimitives.ReadInt32LittleEndian(span[12..]);
        if (opening is < 0 or > OpeningMax || agreement is < 0 or > AgreementMax || state is < 0 or > StateMax)
            return null;
        var rest = bytes[HeaderLength..];
        return rest.Length != opening + agreement + state ? null : new Passage(
            (PassageKind)span[0], rest[..opening], rest.Slice(opening, agreement), rest[(opening + agreement)..]);
    }
}
