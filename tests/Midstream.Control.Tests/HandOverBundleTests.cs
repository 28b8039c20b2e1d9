// Several frames in one packet, against a peer that is broken or hostile: a bundle is read whole or not at all.

using Midstream.Control.HandOver;

namespace Midstream.Control.Tests;

public sealed class HandOverBundleTests
{
    private static readonly HandOverFrame[] s_frames =
    [
        new(HandOverKind.Offer, 1, 7, "GE"u8.ToArray()),
        new(HandOverKind.Resume, 2, 7, "abc"u8.ToArray(), PassageLength: 2),
        new(HandOverKind.Offer, 3, 8, UnreadInMemoryFile: 100_000),
        new(HandOverKind.Accepted, 4),
    ];

    private static byte[] Bytes => HandOverBundle.ToBytes([.. s_frames.Select(static frame => frame.ToBytes())]);

    [Fact]
    public void TryRead_OfWhatWasWritten_IsTheSameInTheSameOrder()
    {
        var read = HandOverBundle.TryRead(Bytes);

        Assert.NotNull(read);
        Assert.Equal(s_frames.Select(static frame => frame.ToBytes()), read.Select(static frame => frame.ToBytes()));
    }

    [Fact]
    public void ToBytes_OfTwoAnswers_IsAsWrittenDown() =>
        Assert.Equal(
            "03070000020000000000000000000000" + "01020000010000000000000000000000" + "01030000020000000000000000000000",
            Convert.ToHexStringLower(HandOverBundle.ToBytes(
                [new HandOverFrame(HandOverKind.Accepted, 1).ToBytes(), new HandOverFrame(HandOverKind.Refused, 2).ToBytes()])));

    [Fact]
    public void TryRead_OfEveryTruncationAndOfMore_IsRefused()
    {
        for (var length = 0; length < Bytes.Length; length++)
            Assert.Null(HandOverBundle.TryRead(Bytes.AsMemory(0, length)));
        Assert.Null(HandOverBundle.TryRead((byte[])[.. Bytes, 0]));
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 6)]
    [InlineData(4, 0)]
    [InlineData(4, 3)]
    [InlineData(4, 5)]
    [InlineData(7, 0x80)]
    [InlineData(HandOverBundle.HeaderLength + 1, 7)]
    public void TryRead_OfAnotherVersionKindOrCount_IsRefused(int offset, byte value)
    {
        var bytes = Bytes;
        bytes[offset] = value;

        Assert.Null(HandOverBundle.TryRead(bytes));
    }

    [Fact]
    public void ToBytes_OfNoneOrTooMany_IsAnError()
    {
        var frame = new HandOverFrame(HandOverKind.Accepted, 1).ToBytes();
        var large = new HandOverFrame(HandOverKind.Offer, 1, 1, new byte[HandOverFrame.InlineMax]).ToBytes();

        Assert.Throws<ArgumentException>(() => HandOverBundle.ToBytes([]));
        Assert.Throws<ArgumentException>(
            () => HandOverBundle.ToBytes([.. Enumerable.Repeat(frame, HandOverBundle.FramesMax + 1)]));
        Assert.Throws<ArgumentException>(() => HandOverBundle.ToBytes([large, large]));
    }

    [Fact]
    public void TryRead_OfAFrameAlone_IsRefused() => Assert.Null(HandOverBundle.TryRead(s_frames[0].ToBytes()));
}
