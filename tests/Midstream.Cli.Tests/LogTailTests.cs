// The end of a log on real files that are turned over while it is read.

using System.IO.Compression;
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

        Assert.Equal(["line 8", "line 9"], Last(2));
        Assert.Empty(Last(0));
    }

    [Fact]
    public void ReadLast_OfMoreThanTheNewestFileHas_GoesOnInTheOneBefore()
    {
        Write(Lines(0, 5));
        Rotate();
        Write(Lines(5, 7));

        Assert.Equal(["line 3", "line 4", "line 5", "line 6"], Last(4));
        Assert.Equal(7, Last(100).Count);
    }

    [Fact]
    public void ReadLast_WithoutAFile_IsEmpty() => Assert.Empty(Last(5));

    [Fact]
    public async Task Follow_AcrossARotation_HandsOnEveryLineOnce()
    {
        Write(Lines(0, 20));
        using var tail = new LogTail(LogFile);
        tail.ReadLast(1);
        var lines = Channel.CreateUnbounded<string>();
        using var ended = new CancellationTokenSource();
        var following = tail.FollowAsync(To(lines), ended.Token);

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
        using var tail = new LogTail(LogFile);
        Assert.Empty(tail.ReadLast(5));
        var lines = Channel.CreateUnbounded<string>();
        using var ended = new CancellationTokenSource();
        var following = tail.FollowAsync(To(lines), ended.Token);

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
        using var tail = new LogTail(LogFile);
        var following = tail.FollowAsync(To(lines), ended.Token);

        Write(Lines(0, 1));

        await ExpectAsync(lines, 0, 1);
        await ended.CancelAsync();
        await following.WaitAsync(s_patience);
    }

    [Fact]
    public void ReadLast_OfCompressedFiles_GoesOnInThem()
    {
        Write(Lines(0, 100_000));
        Compress(2);
        Write(Lines(100_000, 100_002));
        Rotate();
        Write(Lines(100_002, 100_003));

        Assert.Equal(Lines(0, 100_003).TrimEnd('\n').Split('\n'), Last(1_000_000));
        Assert.Equal(["line 99999", "line 100000", "line 100001", "line 100002"], Last(4));
    }

    [Fact]
    public void ReadLast_OfFilesNamedByDate_ReadsTheNewestLast()
    {
        Write(Lines(0, 2));
        File.Move(LogFile, LogFile + "-20261122");
        Write(Lines(2, 4));
        File.Move(LogFile, LogFile + "-20261123");
        Write(Lines(4, 5));

        Assert.Equal(["line 1", "line 2", "line 3", "line 4"], Last(4));
    }

    [Fact]
    public void ReadLast_OfAFileLargerThanABlock_HasEveryLineWhole()
    {
        Write(Lines(0, 50_000));

        Assert.Equal(Lines(0, 50_000).TrimEnd('\n').Split('\n'), Last(1_000_000));
    }

    [Fact]
    public void ReadLast_WhileACopyIsMade_HasNoLineTwice()
    {
        Write(Lines(0, 100));
        File.Copy(LogFile, LogFile + ".1");

        Assert.Equal(100, Last(1000).Count);
    }

    [Fact]
    public void ReadLast_OfWantedLines_CountsOnlyThose()
    {
        Write(Lines(0, 1000));

        using var tail = new LogTail(LogFile, line => line.EndsWith('7'));

        Assert.Equal(["line 987", "line 997"], tail.ReadLast(2));
    }

    [Fact]
    public async Task Follow_OfAFileTruncatedAfterACopy_HandsOnWhatWasNotReadAndWhatComes()
    {
        Write(Lines(0, 20));
        using var tail = new LogTail(LogFile);
        Assert.Equal(20, tail.ReadLast(100).Count);
        Write(Lines(20, 22));
        File.Copy(LogFile, LogFile + ".1");
        Truncate();
        // Longer than before: its size alone does not tell that it was truncated.
        Write(Lines(22, 100));

        await FollowAsync(tail, 20, 100);
    }

    [Fact]
    public async Task Follow_AfterSeveralRotationsAtOnce_ReadsEachFileOnce()
    {
        Write(Lines(0, 20));
        using var tail = new LogTail(LogFile);
        Assert.Equal(20, tail.ReadLast(100).Count);
        Write(Lines(20, 30));
        Compress(3);
        Write(Lines(30, 40));
        File.Move(LogFile, LogFile + ".2");
        Write(Lines(40, 50));
        Rotate();
        Write(Lines(50, 60));

        await FollowAsync(tail, 20, 60);
    }

    [Fact]
    public async Task Follow_OfAWriterThatLeavesTheRenamedFileLate_LosesNothing()
    {
        Write(Lines(0, 1));
        using var tail = new LogTail(LogFile);
        tail.ReadLast(10);
        var lines = Channel.CreateUnbounded<string>();
        using var ended = new CancellationTokenSource();
        var following = tail.FollowAsync(To(lines), ended.Token);

        // As logrotate does with "create": the new file is there, and empty, before the writer has noticed.
        Rotate();
        Write("");
        File.AppendAllText(LogFile + ".1", Lines(1, 2));
        await ExpectAsync(lines, 1, 2);
        File.AppendAllText(LogFile + ".1", Lines(2, 3));
        Write(Lines(3, 4));
        await ExpectAsync(lines, 2, 4);

        await ended.CancelAsync();
        await following.WaitAsync(s_patience);
    }

    [Fact]
    public async Task Follow_UnderAWriterInAHurry_HandsOnEveryLineOnceAcrossManyRotations()
    {
        const int Files = 40;
        const int PerFile = 5000;
        using var tail = new LogTail(LogFile);
        tail.ReadLast(10);
        var writing = Task.Run(() =>
        {
            for (var file = 0; file < Files; file++)
            {
                for (var part = 0; part < 10; part++)
                    Write(Lines((file * PerFile) + (part * PerFile / 10), (file * PerFile) + ((part + 1) * PerFile / 10)));
                if (file < Files - 1)
                    RotateAll();
            }
        });

        await FollowAsync(tail, 0, Files * PerFile);
        await writing;
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00.000Z g41.2 a b", 41L, 2, "a b")]
    [InlineData("2026-01-01T00:00:00.000Z g41 a b", 41L, null, "a b")]
    [InlineData("2026-01-01T00:00:00.000Z midstream 3 lines lost", null, null, "3 lines lost")]
    [InlineData("something else entirely", null, null, "something else entirely")]
    [InlineData("x g1.2.3 y", null, null, "x g1.2.3 y")]
    public void Parse_OfALine_TakesItApart(string line, long? generation, int? worker, string text)
    {
        var parts = LogLine.Parse(line);

        Assert.Equal((generation, worker, text), (parts.Generation, parts.Worker, parts.Text));
        Assert.Equal(line.Contains(" midstream ", StringComparison.Ordinal), parts.IsOwn);
    }

    private static Action<IReadOnlyList<string>> To(Channel<string> lines) => some =>
    {
        foreach (var line in some)
            lines.Writer.TryWrite(line);
    };

    private static async Task FollowAsync(LogTail tail, int from, int end)
    {
        var lines = Channel.CreateUnbounded<string>();
        using var ended = new CancellationTokenSource();
        var following = tail.FollowAsync(To(lines), ended.Token);
        await ExpectAsync(lines, from, end);
        await ended.CancelAsync();
        await following.WaitAsync(s_patience);
        Assert.False(lines.Reader.TryRead(out var more), more);
    }

    private IReadOnlyList<string> Last(int count)
    {
        using var tail = new LogTail(LogFile);
        return tail.ReadLast(count);
    }

    private void Compress(int number)
    {
        using (var from = File.OpenRead(LogFile))
        using (var to = new GZipStream(File.Create($"{LogFile}.{number}.gz"), CompressionLevel.Fastest))
            from.CopyTo(to);
        File.Delete(LogFile);
    }

    private void Truncate()
    {
        using var file = new FileStream(LogFile, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(0);
    }

    private void RotateAll()
    {
        var count = Directory.GetFiles(_folder).Length;
        for (var number = count; number > 1; number--)
            File.Move($"{LogFile}.{number - 1}", $"{LogFile}.{number}");
        Rotate();
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
