using System.Buffers.Binary;

namespace Midstream.Control.HandOver;

// One frame is one packet; numbers are little-endian (docs/specs/hand-over.md).
//
//   offset  size  meaning
//        0     1  version: 1 for the kinds 1 to 4, 2 for the kinds 5 and 6, 3 for the kind 7
//        1     1  kind: 1 offer, 2 accepted, 3 refused, 4 finished, 5 resume, 6 greeting, 7 bundle (HandOverBundle)
//        2     2  flags: 1 = the bytes are in a memory file, the second descriptor; 2 = the connection is between two requests of
//                 HTTP/1.x. Flags that are not known are passed over.
//        4     4  connection, counted by the sender of offers; in a greeting: the highest version understood
//        8     4  listener: the supervisor's id of the socket on which the connection arrived; in a greeting: how many
//                 connections the new worker has descriptors for
//       12     4  length: how many bytes there are
//       16     4  resume only: how many of the bytes are the passage; the others are unread
//        -     -  the bytes, unless they are in a memory file

/// <summary>What a frame of the hand-over channel says.</summary>
public enum HandOverKind : byte
{
    /// <summary>Old to new, with the connection's descriptor: take it.</summary>
    Offer = 1,

    /// <summary>New to old, before it touches the descriptor: the connection is mine. The old generation lets go of it.</summary>
    Accepted = 2,

    /// <summary>New to old: I cannot serve it. The old generation keeps it and ends it in the announced way.</summary>
    Refused = 3,

    /// <summary>Old to new: no more connections will come.</summary>
    Finished = 4,

    /// <summary>Old to new, since version 2: take it, and go on in the middle of its conversation.</summary>
    Resume = 5,

    /// <summary>New to old, first, since version 2: what I understand, and how much I can take. An old worker of version 1 passes
    /// over it; one that sees none is talking to version 1.</summary>
    Greeting = 6,

    /// <summary>Either way, since version 3: several offers and resumes, or several answers, in one packet
    /// (<see cref="HandOverBundle"/>).</summary>
    Bundle = 7,
}

/// <summary>
/// One frame of the channel on which established connections go from one generation to the next: its layout, its limits,
/// and nothing about sockets.
/// </summary>
/// <param name="Kind">What the frame says.</param>
/// <param name="Connection">The connection it is about, counted by the sender of offers; 0 where none is meant.</param>
/// <param name="Listener">The supervisor's id of the socket the connection arrived on; offers only.</param>
/// <param name="Unread">The bytes that go before what the socket delivers next; behind the passage, where there is one.</param>
/// <param name="UnreadInMemoryFile">The number of those bytes in the memory file that is the second descriptor; 0 without
/// one.</param>
/// <param name="PassageLength">How many of the bytes are the passage; 0 for any kind but <see
/// cref="HandOverKind.Resume"/>.</param>
/// <param name="IsBetweenRequests">True when requests of HTTP/1.x have been answered on the connection, and its client is the one
/// to speak next.</param>
public readonly record struct HandOverFrame(
    HandOverKind Kind,
    uint Connection,
    int Listener = 0,
    ReadOnlyMemory<byte> Unread = default,
    int UnreadInMemoryFile = 0,
    int PassageLength = 0,
    bool IsBetweenRequests = false)
{
    /// <summary>The highest version of the protocol that is understood here.</summary>
    public const byte Version = 3;

    /// <summary>The version from which on a connection can go on in the middle of its conversation.</summary>
    public const byte ResumeVersion = 2;

    /// <summary>The number of bytes up to which they travel in the frame itself.</summary>
    public const int InlineMax = 32 * 1024;

    /// <summary>The most unread bytes a connection may have; one with more is not moved.</summary>
    public const int UnreadMax = 16 * 1024 * 1024;

    private const byte FirstVersion = 1;
    internal const int HeaderLength = 16;
    private const int ResumeHeaderLength = 20;
    private const ushort MemoryFileFlag = 1;
    private const ushort BetweenRequestsFlag = 2;

    /// <summary>The most bytes that follow a header or are in the memory file.</summary>
    public static int LengthMax => UnreadMax + Passage.LengthMax;

    /// <summary>Writes the frame.</summary>
    /// <returns>The packet's bytes.</returns>
    /// <exception cref="ArgumentException">More than <see cref="InlineMax"/> bytes are given inline.</exception>
    public byte[] ToBytes()
    {
        if (Unread.Length > InlineMax)
            throw new ArgumentException($"At most {InlineMax} bytes travel inline, not {Unread.Length}.");

        var headerLength = HeaderLengthOf(Kind);
        var bytes = new byte[headerLength + Unread.Length];
        bytes[0] = VersionOf(Kind);
        bytes[1] = (byte)Kind;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Connection);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Listener);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), UnreadInMemoryFile > 0 ? UnreadInMemoryFile : Unread.Length);
        if (Kind == HandOverKind.Resume)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), PassageLength);
        Unread.Span.CopyTo(bytes.AsSpan(headerLength));
        return bytes;
    }

    /// <summary>Reads a frame.</summary>
    /// <param name="bytes">The packet's bytes; the frame refers to them.</param>
    /// <param name="frame">The frame.</param>
    /// <returns>False when the bytes are no frame of a version that is understood, or a bundle: the peer is newer or broken, and
    /// its connections stay where they are.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, out HandOverFrame frame) =>
        TryReadFirst(bytes, out frame, out var length) && length == bytes.Length;

    /// <summary>Reads the frame at the beginning of the bytes.</summary>
    /// <param name="bytes">The bytes; the frame refers to them.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="frameLength">How many bytes it takes.</param>
    /// <returns>False when they do not begin with a whole frame that is understood.</returns>
    internal static bool TryReadFirst(ReadOnlyMemory<byte> bytes, out HandOverFrame frame, out int frameLength)
    {
        frame = default;
        frameLength = 0;
        var span = bytes.Span;
        if (span.Length < HeaderLength || span[1] is < (byte)HandOverKind.Offer or > (byte)HandOverKind.Greeting)
            return false;
        var kind = (HandOverKind)span[1];
        if (span[0] != VersionOf(kind) || span.Length < HeaderLengthOf(kind))
            return false;

        var flags = BinaryPrimitives.ReadUInt16LittleEndian(span[2..]);
        var inMemoryFile = (flags & MemoryFileFlag) != 0;
        var length = BinaryPrimitives.ReadInt32LittleEndian(span[12..]);
        var passage = kind == HandOverKind.Resume ? BinaryPrimitives.ReadInt32LittleEndian(span[16..]) : 0;
        var rest = bytes[HeaderLengthOf(kind)..];
        var inlineLength = inMemoryFile ? 0 : length;
        if (!AreLengths(length, passage) || inlineLength > rest.Length)
            return false;

        frameLength = HeaderLengthOf(kind) + inlineLength;
        frame = new HandOverFrame(
            kind,
            BinaryPrimitives.ReadUInt32LittleEndian(span[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(span[8..]),
            rest[..inlineLength],
            inMemoryFile ? length : 0,
            passage,
            (flags & BetweenRequestsFlag) != 0);
        return true;
    }

    /// <summary>Reads which connection a packet is about that is no frame of a known version. Every version has the number in the
    /// same place, so that what is not understood can be refused.</summary>
    /// <param name="bytes">The packet's bytes.</param>
    /// <returns>The connection's number; null when the packet is too short to have one.</returns>
    public static uint? ConnectionOf(ReadOnlyMemory<byte> bytes) =>
        bytes.Length < HeaderLength ? null : BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span[4..]);

    private ushort Flags => (ushort)(
        (UnreadInMemoryFile > 0 ? MemoryFileFlag : 0) | (IsBetweenRequests ? BetweenRequestsFlag : 0));

    private static bool AreLengths(int length, int passage) =>
        length >= 0 && passage >= 0 && passage <= Passage.LengthMax && passage <= length && length - passage <= UnreadMax;

    private static byte VersionOf(HandOverKind kind) => kind <= HandOverKind.Finished ? FirstVersion : ResumeVersion;

    private static int HeaderLengthOf(HandOverKind kind) => kind == HandOverKind.Resume ? ResumeHeaderLength : HeaderLength;
}
