using System.Buffers.Binary;

namespace Midstream.Control.HandOver;

// Many idle connections are offered, and answered for, in one packet: a system call and a wake-up for each of ten thousand would
// take longer than everything else. Numbers are little-endian (docs/specs/hand-over.md).
//
//   offset  size  meaning
//        0     1  version: 3
//        1     1  kind: 7
//        2     2  0
//        4     4  how many frames follow, 1 to 64
//        8     8  0
//       16     -  the frames, each as it would be in a packet of its own. Their descriptors are the packet's, in the same order

/// <summary>Several frames of the hand-over channel in one packet, since version 3. A bundle is read as a whole or not at all:
/// it is sent only to a peer that has greeted with a version that knows it.</summary>
public static class HandOverBundle
{
    /// <summary>The version from which on bundles are understood.</summary>
    public const byte Version = 3;

    /// <summary>The most frames in a bundle.</summary>
    public const int FramesMax = 64;

    /// <summary>The most bytes of a bundle: the most that a packet has.</summary>
    public const int LengthMax = 64 * 1024;

    /// <summary>The number of bytes before the first frame.</summary>
    public const int HeaderLength = HandOverFrame.HeaderLength;

    /// <summary>Writes a bundle.</summary>
    /// <param name="frames">The frames as <see cref="HandOverFrame.ToBytes"/> has written them, 1 to <see
    /// cref="FramesMax"/>.</param>
    /// <returns>The packet's bytes.</returns>
    /// <exception cref="ArgumentException">There are too many frames, or none, or they are too long together.</exception>
    public static byte[] ToBytes(IReadOnlyList<byte[]> frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        var length = HeaderLength + frames.Sum(static frame => frame.Length);
        if (frames.Count is 0 or > FramesMax || length > LengthMax)
            throw new ArgumentException(
                $"A bundle has 1 to {FramesMax} frames and up to {LengthMax} bytes, not {frames.Count} and {length}.");

        var bytes = new byte[length];
        bytes[0] = Version;
        bytes[1] = (byte)HandOverKind.Bundle;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), frames.Count);
        var offset = HeaderLength;
        foreach (var frame in frames)
        {
            frame.CopyTo(bytes.AsSpan(offset));
            offset += frame.Length;
        }

        return bytes;
    }

    /// <summary>Says whether a packet claims to be a bundle.</summary>
    /// <param name="bytes">The packet's bytes.</param>
    public static bool IsOne(ReadOnlyMemory<byte> bytes) =>
        bytes.Length >= HeaderLength && bytes.Span[0] == Version && bytes.Span[1] == (byte)HandOverKind.Bundle;

    /// <summary>Reads a bundle.</summary>
    /// <param name="bytes">The packet's bytes; the frames refer to them.</param>
    /// <returns>The frames; null when the packet is no bundle of whole frames that are understood.</returns>
    public static IReadOnlyList<HandOverFrame>? TryRead(ReadOnlyMemory<byte> bytes)
    {
        if (!IsOne(bytes))
            return null;
        var count = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[4..]);
        if (count is < 1 or > FramesMax)
            return null;

        var frames = new List<HandOverFrame>(count);
        for (var rest = bytes[HeaderLength..]; !rest.IsEmpty;)
        {
            if (!HandOverFrame.TryReadFirst(rest, out var frame, out var length))
                return null;
            frames.Add(frame);
            rest = rest[length..];
        }

        return frames.Count == count ? frames : null;
    }
}
