// A file that is appended to while others rename, truncate and fill it; and a pipe's reading end that changes hands.

namespace Midstream.Linux.Tests;

public sealed class AppendedFileTests : IDisposable
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("midstream-test-").FullName;

    private string Name => Path.Combine(_folder, "file");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Write_AfterATruncation_GoesToTheEndOfThatMoment()
    {
        using var file = AppendedFile.Open(Name, Mode);
        Assert.Equal(6, file.Write("before"u8));

        File.WriteAllText(Name, "x");
        file.Write("after"u8);

        Assert.Equal("xafter", File.ReadAllText(Name));
        Assert.Equal(6, file.SizeBytes);
    }

    [Fact]
    public void Identity_OfARenamedFile_IsTheSameAndOfItsSuccessorAnother()
    {
        using var file = AppendedFile.Open(Name, Mode);
        file.Write("12345"u8);
        File.Move(Name, Name + ".1");
        using var next = AppendedFile.Open(Name, Mode);

        Assert.True(FileIdentity.TryFind(Name + ".1", out var moved, out var size));
        Assert.Equal((file.Identity, 5), (moved, size));
        Assert.NotEqual(file.Identity, next.Identity);
        Assert.False(FileIdentity.TryFind(Name + ".2", out _, out _));
    }

    [Fact]
    public void Write_OnAFullDisk_SaysSo()
    {
        using var file = AppendedFile.Open("/dev/full", Mode);

        Assert.Equal(Errno.ENOSPC, Assert.Throws<LinuxException>(() => file.Write("x"u8)).Errno);
    }

    [Fact]
    public void Cut_ToASmallerSize_LeavesTheBeginning()
    {
        using var file = AppendedFile.Open(Name, Mode);
        file.Write("whole\nto"u8);

        file.Cut(6);

        Span<byte> start = stackalloc byte[10];
        Assert.Equal("whole\n"u8, start[..file.Read(start, 0)]);
    }

    [Fact]
    public async Task Pipe_AdoptedFromItsDuplicate_HasWhatWasWrittenMeanwhile()
    {
        using var poller = new FdPoller();
        var (pipe, writer) = OutputPipe.Create(poller);
        Assert.True(pipe.SizeBytes is OutputPipe.WantedBytes or >= 4096);
        var duplicate = pipe.DuplicateReader();
        pipe.Dispose();
        using (var stream = new FileStream(
            new Microsoft.Win32.SafeHandles.SafeFileHandle(writer.Number, ownsHandle: false), FileAccess.Write, bufferSize: 0))
            await stream.WriteAsync("meanwhile"u8.ToArray());
        writer.Dispose();

        using var adopted = OutputPipe.Adopt(duplicate, poller);
        var buffer = new byte[100];

        Assert.Equal(9, await adopted.ReadAsync(buffer));
        Assert.Equal(0, await adopted.ReadAsync(buffer));
    }

    [Fact]
    public async Task Pipe_WithACancelledWait_KeepsWhatComesLater()
    {
        using var poller = new FdPoller();
        var (pipe, writer) = OutputPipe.Create(poller);
        using var open = pipe;
        using var ending = new CancellationTokenSource();
        var waiting = pipe.ReadAsync(new byte[10], ending.Token).AsTask();
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        writer.Dispose();
        Assert.Equal(0, await pipe.ReadAsync(new byte[10]));
    }
}
