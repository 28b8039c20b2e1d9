// The hand-over frame against a peer that is newer, broken or hostile: nothing but a whole frame of this version is read.

using System.Buffers.Binary;
using Midstream.Control.HandOver;

namespace Midstream.Control.Tests;

public sealed class HandOverFrameTests
{
    private const int HeaderLength = 16;
    private const int ResumeHeaderLength = 20;

    // What version 1 sends and reads, byte for byte as it was: a worker of an older Midstream.
    public static TheoryData<string, HandOverKind, int> VersionOne => new()
    {
        { "0101000004030201080706050200000061620a"[..36], HandOverKind.Offer, 2 },
        { "01010100010000000200000001800000", HandOverKind.Offer, 0 },
        { "01020000ffffffff0000000000000000", HandOverKind.Accepted, 0 },
        { "01030000070000000000000000000000", HandOverKind.Refused, 0 },
        { "01040000000000000000000000000000", HandOverKind.Finished, 0 },
    };

    [Theory]
    [MemberData(nameof(VersionOne))]
    public void TryRead_OfVersionOne_IsUnderstoodAndWrittenTheSame(string hex, HandOverKind kind, int unread)
    {
        var bytes = Convert.FromHexString(hex);

        Assert.True(HandOverFrame.TryRead(bytes, out var frame));

        Assert.Equal((kind, unread, 0), (frame.Kind, frame.Unread.Length, frame.PassageLength));
        Assert.Equal(bytes, frame.ToBytes());
    }

    [Fact]
    public void ToBytes_OfAResume_IsAsWrittenDown()
    {
        var bytes = new HandOverFrame(HandOverKind.Resume, 3, 7, "abc"u8.ToArray(), PassageLength: 2).ToBytes();

        Assert.Equal("02050000030000000700000003000000020000006162" + "63", Convert.ToHexStringLower(bytes));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    [InlineData(int.MaxValue)]
    public void TryRead_OfAResumeWhosePassageIsLongerThanItsBytes_IsRefused(int passage)
    {
        var bytes = new HandOverFrame(HandOverKind.Resume, 3, 7, "abc"u8.ToArray(), PassageLength: passage).ToBytes();

        Assert.False(HandOverFrame.TryRead(bytes, out _));
    }

    public static TheoryData<HandOverKind> Kinds =>
        [.. Enum.GetValues<HandOverKind>().Where(static kind => kind != HandOverKind.Bundle)];

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
    public void ToBytes_OfAConnectionBetweenRequests_IsAsWrittenDownAndReadAgain()
    {
        var frame = new HandOverFrame(HandOverKind.Offer, 1, 2, UnreadInMemoryFile: 1, IsBetweenRequests: true);

        Assert.Equal([1, 1, 3, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0], frame.ToBytes());
        Assert.True(HandOverFrame.TryRead(frame.ToBytes(), out var read));
        Assert.True(read.IsBetweenRequests);
    }

    // What a later version adds there is a hint, or it is no frame of this version.
    [Fact]
    public void TryRead_WithFlagsThatNobodyKnows_PassesOverThem()
    {
        var bytes = new HandOverFrame(HandOverKind.Offer, 1, 2).ToBytes();
        (bytes[2], bytes[3]) = (0xFC, 0xFF);

        Assert.True(HandOverFrame.TryRead(bytes, out var read));

        Assert.Equal(new HandOverFrame(HandOverKind.Offer, 1, 2), read with { Unread = default });
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
    [InlineData(1, 6)]
    [InlineData(1, 7)]
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
                (bytes[0], bytes[1]) = ((byte)random.Next(1, 3), (byte)random.Next(0, 8));

            if (!HandOverFrame.TryRead(bytes, out var frame))
                continue;
            var header = frame.Kind == HandOverKind.Resume ? ResumeHeaderLength : HeaderLength;
            Assert.Equal(bytes.Length - header, frame.Unread.Length);
            Assert.True(frame.PassageLength <= frame.Unread.Length + frame.UnreadInMemoryFile);
        }
    }
}
