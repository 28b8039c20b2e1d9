// What goes with a moved conversation, against a peer that is broken or hostile: nothing but a whole passage is read.

using Midstream.Control.HandOver;

namespace Midstream.Control.Tests;

public sealed class PassageTests
{
    private static Passage Sample { get; } =
        new(PassageKind.WebSocket, "GET /ws"u8.ToArray(), "\n"u8.ToArray(), "state"u8.ToArray());

    [Fact]
    public void TryRead_OfWhatWasWritten_IsTheSame()
    {
        var read = Passage.TryRead(Sample.ToBytes());

        Assert.NotNull(read);
        Assert.Equal(Sample.Kind, read.Kind);
        Assert.Equal(Sample.Opening.ToArray(), read.Opening.ToArray());
        Assert.Equal(Sample.Agreement.ToArray(), read.Agreement.ToArray());
        Assert.Equal(Sample.State.ToArray(), read.State.ToArray());
    }

    [Fact]
    public void ToBytes_OfAPassage_IsAsWrittenDown() =>
        Assert.Equal("01000000070000000100000005000000474554202f77730a7374617465", Convert.ToHexStringLower(Sample.ToBytes()));

    [Fact]
    public void TryRead_OfEveryTruncationAndOfMore_IsRefused()
    {
        byte[] whole = Sample.ToBytes();

        for (var length = 0; length < whole.Length; length++)
            Assert.Null(Passage.TryRead(whole.AsMemory(0, length)));
        Assert.Null(Passage.TryRead((byte[])[.. whole, 0]));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 3)]
    [InlineData(7, 0x7F)]
    [InlineData(7, 0xFF)]
    [InlineData(11, 0x80)]
    [InlineData(15, 0xFF)]
    public void TryRead_WithABrokenByte_IsRefused(int offset, byte value)
    {
        byte[] bytes = Sample.ToBytes();
        bytes[offset] = value;

        Assert.Null(Passage.TryRead(bytes));
    }

    [Fact]
    public void TryRead_OfSeededRubbish_NeverThrows()
    {
        var random = new Random(20260403);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(0, 64)];
            random.NextBytes(bytes);
            if (bytes.Length > 16)
                bytes.AsSpan(5, 3).Clear();
            _ = Passage.TryRead(bytes);
        }
    }
}
