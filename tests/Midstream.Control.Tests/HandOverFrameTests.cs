// The hand-over frame against a peer that is newer, broken or hostile: nothing but a whole frame of this version is read.

using System.Buffers.Binary;
using Midstream.Control.HandOver;

namespace Midstream.Control.Tests;

public sealed class HandOverFrameTests
{
    private const int HeaderLength = 16;

    public static TheoryData<HandOverKind> Kinds => [.. Enum.GetValues<HandOverKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TryRead_OfWhatWasWritten_IsTheSame(HandOverKind kind)
    {
        var frame = new HandOverFrame(kind, uint.MaxValue, int.MinValue, "GET /"u8.ToArray());

        Assert.True(HandOverFrame.TryRead(frame.ToBytes(), out var read));

        Assert.Equal(frame.Unread.ToArray(), read.Unread.ToArray());
        Assert.Equal(frame with { Unread = read.Unread }, read);
    }

    [Fact]
    public void TryRead_OfAnOfferWithAMemoryFile_IsTheSame()
    {
        var frame = new HandOverFrame(HandOverKind.Offer, 7, 2, UnreadInMemoryFile: HandOverFrame.UnreadMax);

        Assert.True(HandOverFrame.TryRead(frame.ToBytes(), out var read));

        Assert.True(read.Unread.IsEmpty);
        Assert.Equal(frame with { Unread = read.Unread }, read);
    }

    [Fact]
    public void ToBytes_OfAnOffer_IsAsWrittenDown()
    {
        var bytes = new HandOverFrame(HandOverKind.Offer, 0x01020304, 0x05060708, "ab"u8.ToArray()).ToBytes();

        Assert.Equal([1, 1, 0, 0, 4, 3, 2, 1, 8, 7, 6, 5, 2, 0, 0, 0, (byte)'a', (byte)'b'], bytes);
    }

    [Fact]
    public void ToBytes_OfAnOfferWithAMemoryFile_IsAsWrittenDown()
    {
        var bytes = new HandOverFrame(HandOverKind.Offer, 1, 2, UnreadInMemoryFile: 0x8001).ToBytes();

        Assert.Equal([1, 1, 1, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0x80, 0, 0], bytes);
    }

    [Fact]
    public void TryRead_OfEveryTruncation_IsRefused()
    {
        var whole = new HandOverFrame(HandOverKind.Offer, 7, 2, "GET / HTTP/1.1\r\n"u8.ToArray()).ToBytes();

        for (var length = 0; length < whole.Length; length++)
            Assert.False(HandOverFrame.TryRead(whole.AsMemory(0, length), out _), $"{length} bytes of {whole.Length} were read");
    }

    [Fact]
    public void TryRead_WithBytesAfterItsEnd_IsRefused()
    {
        byte[] inline = [.. new HandOverFrame(HandOverKind.Offer, 7, 2, "ab"u8.ToArray()).ToBytes(), 0];
        byte[] inFile = [.. new HandOverFrame(HandOverKind.Offer, 7, 2, UnreadInMemoryFile: 1).ToBytes(), 0];

        Assert.False(HandOverFrame.TryRead(inline, out _));
        Assert.False(HandOverFrame.TryRead(inFile, out _));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    [InlineData(HandOverFrame.UnreadMax + 1)]
    [InlineData(1)]
    public void TryRead_WithALengthThatIsNotTrue_IsRefused(int length)
    {
        var bytes = new HandOverFrame(HandOverKind.Offer, 7, 2).ToBytes();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), length);

        Assert.False(HandOverFrame.TryRead(bytes, out _));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(HandOverFrame.UnreadMax + 1)]
    public void TryRead_WithAMemoryFileOfAnImpossibleLength_IsRefused(int length)
    {
        var bytes = new HandOverFrame(HandOverKind.Offer, 7, 2, UnreadInMemoryFile: 1).ToBytes();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), length);

        Assert.False(HandOverFrame.TryRead(bytes, out _));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 2)]
    [InlineData(0, 255)]
    [InlineData(1, 0)]
    [InlineData(1, 5)]
    [InlineData(1, 255)]
    public void TryRead_OfAnotherVersionOrKind_IsRefused(int offset, byte value)
    {
        var bytes = new HandOverFrame(HandOverKind.Offer, 7, 2).ToBytes();
        bytes[offset] = value;

        Assert.False(HandOverFrame.TryRead(bytes, out _));
    }

    [Fact]
    public void ToBytes_OfAsMuchAsTravelsInline_FitsAndIsRead()
    {
        var frame = new HandOverFrame(HandOverKind.Offer, 7, 2, new byte[HandOverFrame.InlineMax]);

        Assert.True(HandOverFrame.TryRead(frame.ToBytes(), out var read));

        Assert.Equal(HandOverFrame.InlineMax, read.Unread.Length);
        Assert.Equal(HeaderLength + HandOverFrame.InlineMax, frame.ToBytes().Length);
    }

    [Fact]
    public void ToBytes_OfMoreThanTravelsInline_Throws() =>
        Assert.Throws<ArgumentException>(
            () => new HandOverFrame(HandOverKind.Offer, 7, 2, new byte[HandOverFrame.InlineMax + 1]).ToBytes());

    [Fact]
    public void TryRead_OfSeededRubbish_NeverThrowsAndNeverReadsMoreThanThereIs()
    {
        var random = new Random(20260401);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(0, 64)];
            random.NextBytes(bytes);
            if (bytes.Length > 1 && round % 2 == 0)
                (bytes[0], bytes[1]) = (HandOverFrame.Version, (byte)random.Next(0, 6));

            if (HandOverFrame.TryRead(bytes, out var frame))
                Assert.Equal(bytes.Length - HeaderLength, frame.Unread.Length);
        }
    }
}
