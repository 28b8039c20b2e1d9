using System.Buffers.Binary;

namespace Midstream.Control.State;

// One frame is one packet; numbers are little-endian (docs/specs/state-hand-over.md).
//
//   offset  size  meaning
//        0     1  version, now 1
//        1     1  kind
//        2     2  state: its index in the choice
//        4     4  request: counted by who asks; of a round, its number
//        8     8  number: a version, a count, or a size
//       16     1  operation
//       17     1  status
//       18     2  flags: 1 = key and value are in a memory file, the descriptor
//       20     4  length of the key
//       24     -  the key, then the value to the packet's end

/// <summary>What a frame of the state channel says.</summary>
public enum StateFrameKind : byte
{
    /// <summary>Old to new: the states it has, as JSON.</summary>
    Catalogue = 1,

    /// <summary>New to old: the states it takes and their versions, as JSON.</summary>
    Choice = 2,

    /// <summary>Either way: it cannot go on; the value says why, in a sentence.</summary>
    Refused = 3,

    /// <summary>Old to new, with a memory file: a whole state.</summary>
    Whole = 4,

    /// <summary>Old to new, with a memory file: the changes of a state since the last file.</summary>
    Changes = 5,

    /// <summary>Old to new: the round with this number is complete.</summary>
    RoundEnd = 6,

    /// <summary>New to old: all of the round has been read.</summary>
    RoundRead = 7,

    /// <summary>Old to new: you are in charge. Sent when nobody reads or writes in the old process any more.</summary>
    Charge = 8,

    /// <summary>New to old: I am in charge.</summary>
    InCharge = 9,

    /// <summary>Either way, to the one in charge: carry out an operation.</summary>
    Ask = 10,

    /// <summary>The answer to an operation that changed nothing.</summary>
    Answer = 11,

    /// <summary>New to old: a change was made; with the number of the request that made it, its answer too.</summary>
    Change = 12,
}

/// <summary>One frame of the channel on which state goes from one generation to the next.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="State">The state's index in the choice.</param>
/// <param name="Request">The request it belongs to; 0 for none.</param>
/// <param name="Number">A version, a count, or a size.</param>
/// <param name="Operation">The operation: 1 read, 2 write, 3 remove, 4 count.</param>
/// <param name="Status">The outcome: 1 done, 2 differs, 3 moved, 4 failed.</param>
/// <param name="Key">The key.</param>
/// <param name="Value">The value, or what the frame's kind says.</param>
public readonly record struct StateFrame(
    StateFrameKind Kind,
    ushort State = 0,
    uint Request = 0,
    long Number = 0,
    byte Operation = 0,
    byte Status = 0,
    ReadOnlyMemory<byte> Key = default,
    ReadOnlyMemory<byte> Value = default)
{
    /// <summary>The version of the frame's layout.</summary>
    public const byte Version = 1;

    /// <summary>The most bytes of key and value that travel in the frame itself; more go in a memory file.</summary>
    public const int InlineMax = 32 * 1024;

    private const int HeaderLength = 24;
    private const ushort InFileFlag = 1;

    /// <summary>Gets whether key and value have to travel in a memory file.</summary>
    public bool NeedsFile => Key.Length + Value.Length > InlineMax;

    /// <summary>Writes the frame.</summary>
    /// <returns>The packet's bytes, without key and value when they need a memory file.</returns>
    public byte[] ToBytes()
    {
        var body = NeedsFile ? 0 : Key.Length + Value.Length;
        var bytes = new byte[HeaderLength + body];
        bytes[0] = Version;
        bytes[1] = (byte)Kind;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), State);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Request);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), Number);
        bytes[16] = Operation;
        bytes[17] = Status;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(18), NeedsFile ? InFileFlag : (ushort)0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(20), Key.Length);
        if (body > 0)
            BodyTo(bytes.AsSpan(HeaderLength));
        return bytes;
    }

    /// <summary>Writes key and value, as they stand in a memory file.</summary>
    /// <returns>Their bytes.</returns>
    public byte[] BodyToBytes()
    {
        var body = new byte[Key.Length + Value.Length];
        BodyTo(body);
        return body;
    }

    /// <summary>Reads a frame.</summary>
    /// <param name="packet">The packet's bytes; copied from.</param>
    /// <param name="file">Reads the memory file that came with the packet; called only if the frame says there is one.</param>
    /// <param name="frame">The frame.</param>
    /// <returns>False when it is of another version or its lengths do not agree.</returns>
    public static bool TryRead(ReadOnlySpan<byte> packet, Func<byte[]?> file, out StateFrame frame)
    {
        ArgumentNullException.ThrowIfNull(file);
        frame = default;
        if (packet.Length < HeaderLength || packet[0] != Version)
            return false;
        var keyLength = BinaryPrimitives.ReadInt32LittleEndian(packet[20..]);
        var inFile = (BinaryPrimitives.ReadUInt16LittleEndian(packet[18..]) & InFileFlag) != 0;
        var body = inFile ? file() : packet[HeaderLength..].ToArray();
        if (body is null || keyLength < 0 || keyLength > body.Length)
            return false;
        frame = new StateFrame(
            (StateFrameKind)packet[1],
            BinaryPrimitives.ReadUInt16LittleEndian(packet[2..]),
            BinaryPrimitives.ReadUInt32LittleEndian(packet[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(packet[8..]),
            packet[16],
            packet[17],
            body.AsMemory(0, keyLength),
            body.AsMemory(keyLength));
        return true;
    }

    private void BodyTo(Span<byte> destination)
    {
        Key.Span.CopyTo(destination);
        Value.Span.CopyTo(destination[Key.Length..]);
    }
}
