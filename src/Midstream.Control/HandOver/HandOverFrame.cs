using System.Buffers.Binary;

namespace Midstream.Control.HandOver;

// One frame is one packet; numbers are little-endian (docs/specs/hand-over.md).
//
//   offset  size  meaning
//        0     1  version, now 1
//        1     1  kind: 1 offer, 2 accepted, 3 refused, 4 finished
//        2     2  flags: 1 = the unread bytes are in a memory file, the second descriptor
//        4     4  connection, counted by the sender of offers
//        8     4  listener: the supervisor's id of the socket on which the connection arrived
//       12     4  unread: how many bytes the client has sent that no request was parsed from
//       16     -  the unread bytes, unless they are in a memory file

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
}

/// <summary>
/// One frame of the channel on which established connections go from one generation to the next: its layout, its limits,
/// and nothing about sockets.
/// </summary>
/// <param name="Kind">What the frame says.</param>
/// <param name="Connection">The connection it is about, counted by the sender of offers; 0 where none is meant.</param>
/// <param name="Listener">The supervisor's id of the socket the connection arrived on; offers only.</param>
/// <param name="Unread">The bytes that go before what the socket delivers next; offers only.</param>
/// <param name="UnreadInMemoryFile">The number of unread bytes in the memory file that is the second descriptor; 0 without
/// one.</param>
public readonly record struct HandOverFrame(
    HandOverKind Kind,
    uint Connection,
    int Listener = 0,
    ReadOnlyMemory<byte> Unread = default,
    int UnreadInMemoryFile = 0)
{
    /// <summary>The version of the frame's layout.</summary>
    public const byte Version = 1;

    /// <summary>The number of unread bytes up to which they travel in the frame itself.</summary>
    public const int InlineMax = 32 * 1024;

    /// <summary>The most unread bytes a connection may have; one with more is not moved.</summary>
    public const int UnreadMax = 16 * 1024 * 1024;

    private const int HeaderLength = 16;
    private const ushort MemoryFileFlag = 1;

    /// <summary>Writes the frame.</summary>
    /// <returns>The packet's bytes.</returns>
    /// <exception cref="ArgumentException">More than <see cref="InlineMax"/> unread bytes are given inline.</exception>
    public byte[] ToBytes()
    {
        if (Unread.Length > InlineMax)
            throw new ArgumentException($"At most {InlineMax} unread bytes travel inline, not {Unread.Length}.");

        var bytes = new byte[HeaderLength + Unread.Length];
        bytes[0] = Version;
        bytes[1] = (byte)Kind;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), UnreadInMemoryFile > 0 ? MemoryFileFlag : (ushort)0);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Connection);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Listener);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), UnreadInMemoryFile > 0 ? UnreadInMemoryFile : Unread.Length);
        Unread.Span.CopyTo(bytes.AsSpan(HeaderLength));
        return bytes;
    }

    /// <summary>Reads a frame.</summary>
    /// <param name="bytes">The packet's bytes; the frame refers to them.</param>
    /// <param name="frame">The frame.</param>
    /// <returns>False when the bytes are no frame of this version: the peer is newer or broken, and its connections stay where
    /// they are.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, out HandOverFrame frame)
    {
        frame = default;
        var span = bytes.Span;
        if (span.Length < HeaderLength || span[0] != Version || span[1] is < 1 or > 4)
            return false;

        var inMemoryFile = (BinaryPrimitives.ReadUInt16LittleEndian(span[2..]) & MemoryFileFlag) != 0;
        var unread = BinaryPrimitives.ReadInt32LittleEndian(span[12..]);
        var inline = bytes[HeaderLength..];
        if (unread is < 0 or > UnreadMax || inline.Length != (inMemoryFile ? 0 : unread))
            return false;

        frame = new HandOverFrame(
            (HandOverKind)span[1],
            BinaryPrimitives.ReadUInt32LittleEndian(span[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(span[8..]),
            inline,
            inMemoryFile ? unread : 0);
        return true;
    }
}
