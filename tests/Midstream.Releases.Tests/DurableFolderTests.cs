namespace Midstream.Releases.Tests;

// That a flush reaches the disk cannot be seen without cutting the power; that it finds the folder can.
public sealed class DurableFolderTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    [Fact]
    public void Flush_Folder_FindsItsDescriptor()
    {
        DurableFolder.Flush(_temporary.Path);
        _temporary.Link("link", ".");
        DurableFolder.Flush(_temporary.At("link"));
    }

    [Fact]
    public void Flush_NoFolder_Fails() =>
        Assert.ThrowsAny<IOException>(() => DurableFolder.Flush(_temporary.At("nowhere")));

    [Fact]
    public void Flush_WhileOthersOpenAndCloseTheSameFolder_Succeeds() => Parallel.For(0, 2000, at =>
    {
        if (at % 2 == 0)
            DurableFolder.Flush(_temporary.Path);
        else
            Assert.Empty(Directory.EnumerateFileSystemEntries(_temporary.Path));
    });

    public void Dispose() => _temporary.Dispose();
}
