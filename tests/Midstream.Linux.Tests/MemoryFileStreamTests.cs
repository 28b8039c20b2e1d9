// Memory files as streams: of more than one piece, sealed when they are given away, and refused when they are not.

namespace Midstream.Linux.Tests;

public sealed class MemoryFileStreamTests
{
    [Fact]
    public async Task Read_OfWhatWasWrittenInPieces_IsTheSame()
    {
        var content = new byte[3_000_001];
        new Random(1).NextBytes(content);
        await using var writer = new MemoryFileWriteStream("tested");
        for (var at = 0; at < content.Length; at += 100_000)
            await writer.WriteAsync(content.AsMemory(at, Math.Min(100_000, content.Length - at)), CancellationToken.None);
        Assert.Equal(content.Length, writer.Length);

        await using var reader = new MemoryFileReadStream(writer.Seal());
        using var copy = new MemoryStream();
        await reader.CopyToAsync(copy, CancellationToken.None);

        Assert.Equal(content.Length, reader.Length);
        Assert.Equal(content, copy.ToArray());
        Assert.Equal(0, reader.Read(new byte[1]));
    }

    [Fact]
    public void Write_AfterTheSeal_Throws()
    {
        using var writer = new MemoryFileWriteStream("tested");
        using var file = writer.Seal();

        Assert.Throws<ObjectDisposedException>(() => writer.Write([1]));
        Assert.Throws<ObjectDisposedException>(() => writer.Seal().Dispose());
    }

    [Fact]
    public void Read_OfADescriptorThatIsNoSealedMemoryFile_ThrowsAndClosesIt()
    {
        var (one, other) = SocketPair.CreateStream();
        using (other)
            Assert.Throws<InvalidDataException>(() => new MemoryFileReadStream(one));

        Assert.True(one.IsClosed);
    }
}
