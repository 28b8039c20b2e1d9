// The end of a log on real files that are turned over while it is read.

using System.Threading.Channels;
using Midstream.Cli.Operating;

namespace Midstream.Cli.Tests;

public sealed class LogTailTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("midstream-test-").FullName;

    private string LogFile => Path.Combine(_folder, "worker.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ReadLast_OfMoreLinesThanWanted_AreTheLast()
    {
        Write(Lines(0, 10));

        Assert.Equal(["line 8", "line 9"], new LogTail(LogFile).ReadLast(2));
        Assert.Empty(new LogTail(LogFile).ReadLast(0));
    }

    [Fact]
    public void ReadLast_OfMoreThanTheNewestFileHas_GoesOnInTheOneBefore()
    {
        Write(Lines(0, 5));
        Rotate();
        Write(Lines(5, 7));

        Assert.Equal(["line 3", "line 4", "line 5", "line 6"], new LogTail(LogFile).ReadLast(4));
        Assert.Equal(7, new LogTail(LogFile).ReadLast(100).Count);
    }

    [Fact]
    public void ReadLast_WithoutAFile_IsEmpty() => Assert.Empty(new LogTail(LogFile).ReadLast(5));

    [Fact]
    public async Task Follow_AcrossARotation_HandsOnEveryLineOnce()
    {
        Write(Lines(0, 20));
        var tail = new LogTail(LogFile);
        tail.ReadLast(1);
        var lines = Channel.CreateUnbounded<string>();
        using var ended = new CancellationTokenSource();
        var following = tail.FollowAsync(line => lines.Writer.TryWrite(line), ended.Token);

        Write(Lines(20, 22));
        await ExpectAsync(lines, 20, 22);
        Write(Lines(22, 24));
        Rotate();
        Write(Lines(24, 26));
        await ExpectAsync(lines, 22, 26);
        Write(Lines(26, 27));
        await ExpectAsync(lines, 26, 27);

        await ended.CancelAsync();
        await following.WaitAsync(s_patience);
        Assert.False(lines.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Follow_OfALineInTheMaking_HandsItOnWhenItIsWhole()
    {
        Write("begun ");
        var tail = new LogTail(LogFile);
        Assert.Empty(tail.ReadLast(5));
        var lines = Channel.CreateUnbounded<string>();
        using var ended = new CancellationTokenSource();
        var following = tail.FollowAsync(line => lines.Writer.TryWrite(line), ended.Token);

        Write("and ended\n");

        Assert.Equal("begun and ended", await lines.Reader.ReadAsync().AsTask().WaitAsync(s_patience));
        await ended.CancelAsync();
        await following.WaitAsync(s_patience);
    }

    [Fact]
    public async Task Follow_BeforeThereIsAFile_WaitsForIt()
    {
        var lines = Channel.CreateUnbounded<string>();
        using var ended = new CancellationTokenSource();
        var following = new LogTail(LogFile).FollowAsync(line => lines.Writer.TryWrite(line), ended.Token);

        Write(Lines(0, 1));

        await ExpectAsync(lines, 0, 1);
        await ended.CancelAsync();
        await following.WaitAsync(s_patience);
    }

    private static async Task ExpectAsync(Channel<string> lines, int from, int end)
    {
        for (var number = from; number < end; number++)
            Assert.Equal($"line {number}", await lines.Reader.ReadAsync().AsTask().WaitAsync(s_patience));
    }

    private static string Lines(int from, int end) =>
        string.Concat(Enumerable.Range(from, end - from).Select(number => $"line {number}\n"));

    private void Write(string text) => File.AppendAllText(LogFile, text);

    private void Rotate() => File.Move(LogFile, LogFile + ".1", overwrite: true);
}
