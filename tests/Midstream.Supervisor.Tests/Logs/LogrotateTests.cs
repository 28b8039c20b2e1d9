// The log under the real logrotate(8), while a writer is in a hurry.

using System.Globalization;
using System.Text.RegularExpressions;
using Midstream.Core.Configuration;
using Midstream.Supervisor.Logs;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Tests.Logs;

public sealed class LogrotateTests(ITestOutputHelper output) : IDisposable
{
    private const int Rotations = 10;
    private const string Text = "of a line that is about eighty bytes long, as the lines of a service are";

    private static readonly WorkerName s_worker = new(3, 1);

    private readonly string _folder = Directory.CreateTempSubdirectory("midstream-test-").FullName;

    private string LogFile => Path.Combine(_folder, "worker.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Without a signal after the rotation: the rename is noticed.
    [Theory]
    [InlineData("create")]
    [InlineData("nocreate")]
    [InlineData("create\n compress\n delaycompress")]
    public async Task Logrotate_ByRenaming_LosesAndDoublesNothing(string options)
    {
        var (written, read) = await RotateUnderLoadAsync(options, isCopied: false);

        Assert.Equal(Enumerable.Range(0, written), read);
    }

    // What comes after logrotate's copy and before its truncation is lost; no writer can know of it. The copy may end within a
    // line, however it was written: who reads beside write(2) sees the file grow by pages. All else holds.
    [Fact]
    public async Task Logrotate_ByTruncation_LosesOnlyWhatIsWrittenBetweenItsTwoSteps()
    {
        var (written, read) = await RotateUnderLoadAsync("copytruncate", isCopied: true);

        output.WriteLine($"{written} lines, {written - read.Count} lost in {Rotations} times copytruncate");
        Assert.Equal(read.Order().Distinct(), read);
        Assert.Equal(written - 1, read[^1]);
        var gaps = read.Zip(read.Skip(1)).Count(pair => pair.Second != pair.First + 1);
        Assert.InRange(gaps, 0, Rotations);
    }

    private async Task<(int Written, List<int> Read)> RotateUnderLoadAsync(string options, bool isCopied)
    {
        Assert.SkipUnless(Programs.Exists("logrotate"), "logrotate is not installed.");
        var configuration = Path.Combine(_folder, "rotate.conf");
        await File.WriteAllTextAsync(configuration, $"{LogFile} {{\n su root root\n rotate 100\n {options}\n}}\n");
        File.SetUnixFileMode(configuration, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var log = new OutputLog(LogFile, new LogsModel { SizeMaxBytes = 1L << 40 });
        using var enough = new CancellationTokenSource();
        var writing = Task.Run(() => WriteUntil(log, enough.Token));

        for (var rotation = 0; rotation < Rotations; rotation++)
        {
            await AnyLineAsync();
            await Programs.RunAsync("logrotate", "--force", "--state", Path.Combine(_folder, "rotate.state"), configuration);
        }

        await enough.CancelAsync();
        var written = await writing;
        await log.FlushAsync();
        Assert.Equal(0, log.LinesLost);
        var files = Directory.GetFiles(_folder, "worker.log*");
        Assert.True(files.Length >= Rotations, $"only {files.Length} files: no proof");
        var numbers = files.Select(file => NumbersOf(file, mayEndWithinALine: isCopied && file != LogFile));
        return (written, [.. numbers.Where(found => found.Count > 0)
            .OrderBy(found => found[0]).SelectMany(found => found)]);
    }

    // As fast as the disk takes it, but no faster.
    private static async Task<int> WriteUntil(OutputLog log, CancellationToken enough)
    {
        const int Burst = 1000;
        var written = 0;
        while (!enough.IsCancellationRequested)
        {
            for (var line = 0; line < Burst; line++)
                log.Write(s_worker, $"{written++} {Text}");
            await log.FlushAsync();
        }

        return written;
    }

    private async Task AnyLineAsync()
    {
        using var bound = new CancellationTokenSource(Scene.Patience);
        while (!File.Exists(LogFile) || new FileInfo(LogFile).Length == 0)
        {
            bound.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static List<int> NumbersOf(string file, bool mayEndWithinALine)
    {
        var lines = ReadAll(file).Split('\n');
        var numbers = lines.SkipLast(1).Select(line => NumberOf(file, line)).ToList();
        var end = lines[^1];
        if (mayEndWithinALine && numbers.Count > 0)
            Assert.StartsWith(end, AnyTime(end) + $"g3.1 {numbers[^1] + 1} {Text}", StringComparison.Ordinal);
        else
            Assert.Empty(end);
        return numbers;
    }

    private static int NumberOf(string file, string line)
    {
        var parts = line.Split(' ', 4);
        Assert.True(parts is [_, "g3.1", _, Text], $"{file}: {line}");
        return int.Parse(parts[2], CultureInfo.InvariantCulture);
    }

    // The time that a line begins with, as far as it goes; the rest of it is of no account.
    private static string AnyTime(string line)
    {
        const string Shape = "0000-00-00T00:00:00.000Z ";
        var begun = line[..Math.Min(line.Length, Shape.Length)];
        Assert.Equal(Shape[..begun.Length], Regex.Replace(begun, @"\d", "0"));
        return begun + Shape[begun.Length..];
    }

    private static string ReadAll(string file)
    {
        using var stream = File.OpenRead(file);
        using var reader = new StreamReader(file.EndsWith(".gz", StringComparison.Ordinal)
            ? new System.IO.Compression.GZipStream(stream, System.IO.Compression.CompressionMode.Decompress) : stream);
        return reader.ReadToEnd();
    }
}
