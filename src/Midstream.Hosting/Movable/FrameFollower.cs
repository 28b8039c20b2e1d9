using System.Buffers.Binary;

namespace Midstream.Hosting.Movable;

// A frame (RFC 6455, 5.2): two bytes, 0, 2 or 8 more of length, 4 of mask if there is one, then the payload.
//
//   state   | wants                                   | then
//   --------+-----------------------------------------+---------------------------------------------
//   Start   | 2 bytes, which tell the header's length  | Header, or Payload
//   Header  | the rest of the header                   | Payload, or Start when the payload is empty
//   Payload | the payload                              | Start

/// <summary>Follows the frames of one direction of a WebSocket: where one ends, and whether a message is under way. It neither
/// keeps nor changes a byte of payload, and trusts the lengths that it reads: who is fooled is whoever parses them after
/// it.</summary>
internal sealed class FrameFollower
{
    private const int StartLength = 2;
    private const int HeaderMax = 14;
    private const int Fin = 0x80;
    private const int Mask = 0x80;
    private const int Close = 8;

    private readonly byte[] _header = new byte[HeaderMax];
    private int _have;
    private int _headerLength = StartLength;
    private long _payloadLeft;

    /// <summary>Gets whether no frame and no fragmented message is under way.</summary>
    public bool IsBetweenMessages => !IsClosing && !IsInMessage && _have == 0 && _payloadLeft == 0;

    /// <summary>Gets whether a message has begun whose last frame has not.</summary>
    public bool IsInMessage { get; private set; }

    /// <summary>Gets whether a close frame has begun: the last one in its direction.</summary>
    public bool IsClosing { get; private set; }

    /// <summary>Gets how many bytes may be taken without going beyond the end of the frame, as far as it is known yet.</summary>
    public long Wanted => _payloadLeft > 0 ? _payloadLeft : _headerLength - _have;

    /// <summary>Goes on by the next bytes.</summary>
    /// <param name="bytes">The bytes, in order.</param>
    public void Advance(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var count = (int)Math.Min(Wanted, bytes.Length);
            if (_payloadLeft > 0)
                _payloadLeft -= count;
            else
                TakeHeader(bytes[..count]);
            bytes = bytes[count..];
        }
    }

    private void TakeHeader(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_header.AsSpan(_have));
        _have += bytes.Length;
        if (_have < _headerLength)
            return;
        if (_headerLength == StartLength && HeaderLength() is > StartLength and var length)
        {
            _headerLength = length;
            return;
        }

        Understand();
        _payloadLeft = PayloadLength();
        _have = 0;
        _headerLength = StartLength;
    }

    private int HeaderLength()
    {
        var more = (_header[1] & ~Mask) switch { 126 => 2, 127 => 8, _ => 0 };
        return StartLength + more + ((_header[1] & Mask) != 0 ? 4 : 0);
    }

    private long PayloadLength() => (_header[1] & ~Mask) switch
    {
        126 => BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(StartLength)),
        127 => BinaryPrimitives.ReadInt64BigEndian(_header.AsSpan(StartLength)) & long.MaxValue,
        var length => length,
    };

    // Control frames, with the opcodes from 8 on, may stand between the fragments of a message and do not end it.
    private void Understand()
    {
        var opcode = _header[0] & 0x0F;
        if (opcode < Close)
            IsInMessage = (_header[0] & Fin) == 0;
        IsClosing |= opcode == Close;
    }
}
