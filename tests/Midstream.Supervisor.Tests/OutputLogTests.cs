// The workers' log on real files: turned over by size, and never in anybody's way.

using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Tests;

public sealed class OutputLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("midstream-test-").FullName;

    private string LogFile => Path.Combine(_folder, "worker.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Write_OfALine_HasTimeAndGeneration()
    {
        using var log = new OutputLog(LogFile, 1000, 2);

        log.Write(7, "Now listening.");

        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z g7 Now listening\.\n$", File.ReadAllText(LogFile));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Write_OfMoreThanTheFilesHold_KeepsTheNewestInAsManyFilesAsConfigured(int filesMax)
    {
        using (var log = new OutputLog(LogFile, 100, filesMax))
        {
            for (var line = 0; line < 50; line++)
                log.Write(1, $"line {line:00} {new string('x', 40)}");
            Assert.Equal(0, log.LinesLost);
            log.Write(1, "the last");
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
        using (var log = new OutputLog(LogFile, 1000, 2))
            log.Write(1, "before");
        using (var log = new OutputLog(LogFile, 1000, 2))
            log.Write(2, "after");

        Assert.Equal(2, File.ReadAllLines(LogFile).Length);
    }

    [Fact]
    public void Write_OnAFullDisk_CostsLinesAndNothingElse()
    {
        File.CreateSymbolicLink(LogFile, "/dev/full");
        using var log = new OutputLog(LogFile, 1000, 2);

        for (var line = 0; line < 3000; line++)
            log.Write(1, "a line that does not fit");

        Assert.Equal(3000, log.LinesLost);
    }

    [Fact]
    public void Write_WhereNoFileCanBe_CostsLinesUntilThereCan()
    {
        var folder = Path.Combine(_folder, "later");
        using var log = new OutputLog(Path.Combine(folder, "worker.log"), 1000, 2);
        log.Write(1, "lost");

        Directory.CreateDirectory(folder);
        log.Write(1, "kept");

        Assert.Equal(1, log.LinesLost);
        Assert.EndsWith("kept\n", File.ReadAllText(Path.Combine(folder, "worker.log")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_FromManyThreads_KeepsEveryLineWhole()
    {
        using var log = new OutputLog(LogFile, 1_000_000, 2);

        await Task.WhenAll(Enumerable.Range(1, 8).Select(generation => Task.Run(() =>
        {
            for (var line = 0; line < 100; line++)
                log.Write(generation, "whole");
        })));

        Assert.All(File.ReadAllLines(LogFile), line => Assert.EndsWith(" whole", line, StringComparison.Ordinal));
        Assert.Equal(800, File.ReadAllLines(LogFile).Length);
    }
}
