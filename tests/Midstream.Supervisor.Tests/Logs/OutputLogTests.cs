// The workers' log on real files: turned over by size, and never in anybody's way.

using System.IO.Compression;
using Midstream.Core.Configuration;
using Midstream.Supervisor.Logs;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Tests.Logs;

public sealed class OutputLogTests : IDisposable
{
    private const int Flood = 20_000;

    private static readonly WorkerName s_worker = new(7, 2);

    private readonly string _folder = Directory.CreateTempSubdirectory("midstream-test-").FullName;

    private string LogFile => Path.Combine(_folder, "worker.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Write_OfALine_HasTimeAndWorker()
    {
        using var log = new OutputLog(LogFile, Limits(1000, 2));

        log.Write(s_worker, "Now listening.");
        await log.FlushAsync();

        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z g7\.2 Now listening\.\n$", await File.ReadAllTextAsync(LogFile));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Write_OfMoreThanTheFilesHold_KeepsTheNewestInAsManyFilesAsConfigured(int filesMax)
    {
        using (var log = new OutputLog(LogFile, Limits(100, filesMax)))
        {
            for (var line = 0; line < 50; line++)
                log.Write(s_worker, $"line {line:00} {new string('x', 40)}");
            Assert.Equal(0, log.LinesLost);
            log.Write(s_worker, "the last");
        }

        var files = Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(["worker.log", .. Enumerable.Range(1, filesMax - 1).Select(number => $"worker.log.{number}")], files);
        Assert.Contains("the last", File.ReadAllText(LogFile), StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(_folder), file => Assert.InRange(new FileInfo(file).Length, 1, 200));
        if (filesMax > 1)
            Assert.Contains("line 49", File.ReadAllText(LogFile + ".1"), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_AfterARestart_GoesOnInTheSameFile()
    {
        using (var log = new OutputLog(LogFile, Limits(1000, 2)))
            log.Write(s_worker, "before");
        using (var log = new OutputLog(LogFile, Limits(1000, 2)))
            log.Write(s_worker, "after");

        Assert.Equal(2, File.ReadAllLines(LogFile).Length);
    }

    [Fact]
    public async Task Write_OnAFullDisk_CostsLinesAndNothingElse()
    {
        File.CreateSymbolicLink(LogFile, "/dev/full");
        using var log = new OutputLog(LogFile, Limits(1000, 2));

        for (var line = 0; line < 3000; line++)
            log.Write(s_worker, "a line that does not fit");
        await log.FlushAsync();

        Assert.Equal(3000, log.LinesLost);
    }

    [Fact]
    public async Task Write_WhereNoFileCanBe_CostsLinesUntilThereCan()
    {
        var folder = Path.Combine(_folder, "later");
        using var log = new OutputLog(Path.Combine(folder, "worker.log"), Limits(1000, 2));
        log.Write(s_worker, "lost");
        await log.FlushAsync();

        Directory.CreateDirectory(folder);
        log.Write(s_worker, "kept");
        await log.FlushAsync();

        Assert.Equal(1, log.LinesLost);
        var lines = await File.ReadAllLinesAsync(Path.Combine(folder, "worker.log"));
        Assert.Equal(["midstream 1 lines lost", "g7.2 kept"], lines.Select(WithoutTime));
    }

    [Fact]
    public async Task Write_FromManyThreads_KeepsEveryLineWhole()
    {
        using var log = new OutputLog(LogFile, Limits(1_000_000, 2));

        await Task.WhenAll(Enumerable.Range(1, 8).Select(generation => Task.Run(() =>
        {
            for (var line = 0; line < 100; line++)
                log.Write(new WorkerName(generation, 1), "whole");
        })));
        await log.FlushAsync();

        var lines = await File.ReadAllLinesAsync(LogFile);
        Assert.All(lines, line => Assert.EndsWith(" whole", line, StringComparison.Ordinal));
        Assert.Equal(800, lines.Length);
    }

    [Fact]
    public async Task Write_WhileTheDiskIsStuck_ReturnsAndLaterSaysHowManyLinesAreMissing()
    {
        // A pipe that nobody reads takes no more after 64 KiB: write(2) waits, as on a disk that does not answer.
        await Programs.RunAsync("mkfifo", LogFile);
        using var log = new OutputLog(LogFile, Limits(1_000_000, 2) with { QueueMaxBytes = 100_000 });
        for (var line = 0; line < Flood; line++)
            log.Write(s_worker, $"{line}");

        using var reader = new StreamReader(new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var next = 0;
        while (next < Flood)
        {
            // Either the number that comes next, or how many are missing.
            var line = WithoutTime((await reader.ReadLineAsync())!);
            next += line.StartsWith("midstream ", StringComparison.Ordinal) ? int.Parse(line.Split(' ')[1], null) : 1;
            if (!line.EndsWith(" lines lost", StringComparison.Ordinal))
                Assert.Equal($"g7.2 {next - 1}", line);
        }

        Assert.InRange(log.LinesLost, 1, Flood - 1);
        log.Write(s_worker, "after");
        Assert.Equal("g7.2 after", WithoutTime((await reader.ReadLineAsync())!));
    }

    [Fact]
    public async Task Write_OnADiskThatFillsUp_KeepsWholeLinesAndSaysHowManyAreMissing()
    {
        var disk = Directory.CreateDirectory(Path.Combine(_folder, "disk")).FullName;
        Assert.SkipUnless(
            await Programs.TryRunAsync("mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", disk), "Only root may mount.");
        try
        {
            var file = Path.Combine(disk, "worker.log");
            await File.WriteAllBytesAsync(Path.Combine(disk, "filler"), new byte[64 * 1024]);
            using var log = new OutputLog(file, Limits(1_000_000, 2));
            for (var line = 0; line < Flood; line++)
                log.Write(s_worker, $"{line}");
            await log.FlushAsync();
            File.Delete(Path.Combine(disk, "filler"));
            log.Write(s_worker, "after");
            await log.FlushAsync();

            var lines = File.ReadAllLines(file).Select(WithoutTime).ToList();
            var kept = lines.Count - 2;
            Assert.InRange(kept, 100, Flood - 1);
            Assert.Equal(Enumerable.Range(0, kept).Select(number => $"g7.2 {number}"), lines.Take(kept));
            Assert.Equal([$"midstream {Flood - kept} lines lost", "g7.2 after"], lines.Skip(kept));
        }
        finally
        {
            await Programs.RunAsync("umount", "--lazy", disk);
        }
    }

    [Fact]
    public async Task Write_AfterTheFileWasRenamed_GoesToANewOneOfItsName()
    {
        using var log = new OutputLog(LogFile, Limits(1000, 2));
        log.Write(s_worker, "before");
        await log.FlushAsync();

        File.Move(LogFile, LogFile + ".1");
        log.Write(s_worker, "after");
        await log.FlushAsync();

        Assert.Equal(["g7.2 before"], File.ReadAllLines(LogFile + ".1").Select(WithoutTime));
        Assert.Equal(["g7.2 after"], File.ReadAllLines(LogFile).Select(WithoutTime));
    }

    [Fact]
    public async Task Write_AfterTheFileWasTruncated_GoesToItsBeginningAndCountsItsSizeFromThere()
    {
        using var log = new OutputLog(LogFile, Limits(200, 3));
        log.Write(s_worker, new string('a', 100));
        await log.FlushAsync();

        await File.WriteAllTextAsync(LogFile, "");
        log.Write(s_worker, new string('b', 100));
        await log.FlushAsync();

        // A writer that went on where it was would have left a hole, and by its own count would have rotated.
        Assert.Equal([$"g7.2 {new string('b', 100)}"], File.ReadAllLines(LogFile).Select(WithoutTime));
        Assert.False(File.Exists(LogFile + ".1"));
    }

    [Fact]
    public async Task Reopen_OfARenamedFileNobodyWritesTo_LetsGoOfItAndMakesTheNew()
    {
        using var log = new OutputLog(LogFile, Limits(1000, 2));
        log.Write(s_worker, "before");
        await log.FlushAsync();
        File.Move(LogFile, LogFile + ".1");
        Assert.Contains(LogFile + ".1", OpenFiles());

        log.Reopen();
        await log.FlushAsync();

        Assert.DoesNotContain(LogFile + ".1", OpenFiles());
        Assert.Equal(0, new FileInfo(LogFile).Length);
    }

    [Fact]
    public async Task Write_OfAFileOlderThanAllowed_BeginsANewOneBeforeTheLine()
    {
        var clock = new SetClock();
        using var log = new OutputLog(LogFile, Limits(1000, 2) with { RotateEvery = TimeSpan.FromHours(1) }, clock);
        log.Write(s_worker, "old");
        await log.FlushAsync();
        clock.Pass(TimeSpan.FromMinutes(59));
        log.Write(s_worker, "still old");
        await log.FlushAsync();

        clock.Pass(TimeSpan.FromMinutes(2));
        log.Write(s_worker, "new");
        await log.FlushAsync();

        Assert.Equal(["g7.2 old", "g7.2 still old"], File.ReadAllLines(LogFile + ".1").Select(WithoutTime));
        Assert.Equal(["g7.2 new"], File.ReadAllLines(LogFile).Select(WithoutTime));
    }

    [Theory]
    [InlineData(-100)]
    [InlineData(100)]
    public async Task Write_AfterTheClockWasSet_CountsTheFilesAgeAsBefore(int hours)
    {
        var clock = new SetClock();
        using var log = new OutputLog(LogFile, Limits(1000, 2) with { RotateEvery = TimeSpan.FromHours(1) }, clock);
        log.Write(s_worker, "before");
        await log.FlushAsync();

        clock.Set(TimeSpan.FromHours(hours));
        log.Write(s_worker, "after");
        await log.FlushAsync();

        clock.Pass(TimeSpan.FromMinutes(61));
        log.Write(s_worker, "new");
        await log.FlushAsync();

        Assert.Equal(["g7.2 before", "g7.2 after"], File.ReadAllLines(LogFile + ".1").Select(WithoutTime));
    }

    [Fact]
    public async Task Write_AfterARestart_KnowsTheFilesAge()
    {
        var clock = new SetClock();
        var limits = Limits(1000, 2) with { RotateEvery = TimeSpan.FromHours(1) };
        using (var log = new OutputLog(LogFile, limits, clock))
            log.Write(s_worker, "old");
        clock.Pass(TimeSpan.FromMinutes(61));

        using (var log = new OutputLog(LogFile, limits, clock))
            log.Write(s_worker, "new");

        Assert.Equal(["g7.2 old"], (await File.ReadAllLinesAsync(LogFile + ".1")).Select(WithoutTime));
        Assert.Equal(["g7.2 new"], (await File.ReadAllLinesAsync(LogFile)).Select(WithoutTime));
    }

    [Fact]
    public async Task Write_AfterAWriterWasKilledInALine_BeginsALineOfItsOwn()
    {
        await File.WriteAllTextAsync(LogFile, "2026-01-01T00:00:00.000Z g1.1 whole\n2026-01-01T00:00:00.000Z g1.1 to");
        using (var log = new OutputLog(LogFile, Limits(1000, 2)))
            log.Write(s_worker, "next");

        Assert.Equal(["g1.1 whole", "g1.1 to", "g7.2 next"], (await File.ReadAllLinesAsync(LogFile)).Select(WithoutTime));
    }

    [Fact]
    public async Task Write_WithCompression_CompressesAllRotatedFilesButTheNewest()
    {
        using (var log = new OutputLog(LogFile, Limits(100, 5) with { Compress = true }))
        {
            for (var line = 0; line < 7; line++)
            {
                log.Write(s_worker, $"{line} {new string('x', 100)}");
                await log.CompressedAsync();
            }
        }

        var files = Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(["worker.log", "worker.log.1", "worker.log.2.gz", "worker.log.3.gz", "worker.log.4.gz"], files);
        Assert.StartsWith("g7.2 6 ", WithoutTime(File.ReadAllText(LogFile + ".1")), StringComparison.Ordinal);
        Assert.StartsWith("g7.2 5 ", WithoutTime(Unzip(LogFile + ".2.gz")), StringComparison.Ordinal);
        Assert.StartsWith("g7.2 3 ", WithoutTime(Unzip(LogFile + ".4.gz")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_AfterAKilledCompression_CompressesTheWholeFileAgain()
    {
        await File.WriteAllTextAsync(LogFile + ".2", "whole\n");
        await File.WriteAllTextAsync(LogFile + ".gz.unfinished", "half");
        await File.WriteAllTextAsync(LogFile + ".2.gz", "killed between the two steps of publishing");

        using (var log = new OutputLog(LogFile, Limits(1000, 5) with { Compress = true }))
            await log.CompressedAsync();

        Assert.Equal([LogFile + ".2.gz"], Directory.GetFiles(_folder));
        Assert.Equal("whole\n", Unzip(LogFile + ".2.gz"));
    }

    private static LogsModel Limits(long sizeMax, int filesMax) => new() { SizeMaxBytes = sizeMax, FilesMax = filesMax };

    private static string WithoutTime(string line)
    {
        // Also finds a line that is glued to the torn beginning of another.
        Assert.Equal(LineStamp.Length - 1, line.IndexOf(' ', StringComparison.Ordinal));
        return line[LineStamp.Length..];
    }

    private static IEnumerable<string?> OpenFiles() =>
        Directory.GetFiles("/proc/self/fd").Select(descriptor => new FileInfo(descriptor).LinkTarget);

    private static string Unzip(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        return reader.ReadToEnd();
    }
}
