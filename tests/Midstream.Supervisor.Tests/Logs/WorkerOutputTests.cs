// What a worker writes, through a real pipe: made into lines whatever the bytes and however they come.

using System.Text;
using Midstream.Core.Configuration;
using Midstream.Linux;
using Midstream.Supervisor.Logs;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Tests.Logs;

public sealed class WorkerOutputTests : IDisposable
{
    private static readonly WorkerName s_worker = new(7, 2);

    private readonly string _folder = Directory.CreateTempSubdirectory("midstream-test-").FullName;
    private readonly FdPoller _poller = new();
    private readonly RecordingObserver _observer = new();
    private readonly OutputLog _log;
    private readonly WorkerOutput _output;
    private readonly FileStream _pipe;

    private string LogFile => Path.Combine(_folder, "worker.log");

    public WorkerOutputTests()
    {
        _log = new OutputLog(LogFile, new LogsModel { SizeMaxBytes = 100_000_000 });
        (_output, var writer) = WorkerOutput.Open(s_worker, _poller, _log, _observer);
        _pipe = new FileStream(
            new Microsoft.Win32.SafeHandles.SafeFileHandle(writer.Number, ownsHandle: true), FileAccess.Write, bufferSize: 0);
        writer.SetHandleAsInvalid();
    }

    public void Dispose()
    {
        _pipe.Dispose();
        _log.Dispose();
        _poller.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Output_OfLines_ReachesObserverLogAndLastLines()
    {
        await EndAfterAsync("one\ntwo\n\nfour\n");

        Assert.Equal(["one", "two", "", "four"], _observer.Lines);
        Assert.Equal(["one", "two", "", "four"], _output.LastLines);
        Assert.Equal(4, (await File.ReadAllLinesAsync(LogFile)).Length);
    }

    [Fact]
    public async Task Output_OfALineInPieces_IsOneLine()
    {
        await WriteAsync("first\nsec");
        await _observer.WaitForLinesAsync(1);

        await EndAfterAsync("ond\n");

        Assert.Equal(["first", "second"], _observer.Lines);
    }

    [Fact]
    public async Task Output_ThatEndsWithoutALineBreak_IsALine()
    {
        await EndAfterAsync("last words");

        Assert.Equal(["last words"], _observer.Lines);
    }

    [Fact]
    public async Task Output_WithCarriageReturns_IsWithoutThem()
    {
        await EndAfterAsync("one\r\ntwo\r\n");

        Assert.Equal(["one", "two"], _observer.Lines);
    }

    [Fact]
    public async Task Output_OfACharacterSplitAcrossReads_IsThatCharacter()
    {
        var bytes = Encoding.UTF8.GetBytes("a😀b\n");
        await _pipe.WriteAsync("first\n"u8.ToArray());
        await _pipe.WriteAsync(bytes.AsMemory(0, 3));
        await _observer.WaitForLinesAsync(1);
        await _pipe.WriteAsync(bytes.AsMemory(3));

        await EndAfterAsync("");

        Assert.Equal(["first", "a😀b"], _observer.Lines);
    }

    [Fact]
    public async Task Output_OfBytesThatAreNoText_IsALineAllTheSame()
    {
        await _pipe.WriteAsync((byte[])[(byte)'a', 0xFF, 0xC3, (byte)'b', 0, (byte)'\n']);

        await EndAfterAsync("next\n");

        Assert.Equal(["a\uFFFD\uFFFDb\0", "next"], _observer.Lines);
    }

    [Fact]
    public async Task Output_OfALineTooLong_IsCutAndLosesNothing()
    {
        var line = new string('x', 100) + new string('y', (3 * OutputLines.LineMax) + 500);
        await WriteAsync("first\n" + line[..(OutputLines.LineMax - 1)]);
        await _observer.WaitForLinesAsync(1);

        await EndAfterAsync(line[(OutputLines.LineMax - 1)..] + "\nnext\n");

        Assert.Equal(line, string.Concat(_observer.Lines.Skip(1).SkipLast(1)));
        Assert.All(_observer.Lines, part => Assert.InRange(part.Length, 1, OutputLines.LineMax));
        Assert.Equal("next", _observer.Lines.Last());
    }

    [Fact]
    public async Task Output_OfALineAsLongAsAllowed_IsOneLine()
    {
        await EndAfterAsync(new string('x', OutputLines.LineMax) + "\nnext\n");

        Assert.Equal([OutputLines.LineMax, 4], _observer.Lines.Select(line => line.Length));
    }

    [Fact]
    public async Task LastLines_OfManyLines_AreTheLastForty()
    {
        await EndAfterAsync(string.Concat(Enumerable.Range(0, 100).Select(number => $"{number}\n")));

        Assert.Equal(Enumerable.Range(60, 40).Select(number => $"{number}"), _output.LastLines);
    }

    [Fact]
    public async Task Output_OfACharacterThatNeverEnds_IsKeptAsItIs()
    {
        await _pipe.WriteAsync((byte[])[(byte)'a', 0xF0, 0x9F]);

        await EndAfterAsync("");

        Assert.Equal(["a\uFFFD"], _observer.Lines);
        var bytes = await File.ReadAllBytesAsync(LogFile);
        Assert.Equal((byte[])[(byte)'a', 0xF0, 0x9F, (byte)'\n'], bytes[^4..]);
    }

    [Fact]
    public async Task Output_OfALineCutInACharacter_IsCutBeforeIt()
    {
        var line = new string('x', OutputLines.LineMax - 2) + "😀" + new string('y', 10);

        await EndAfterAsync(line + "\n");

        Assert.Equal([line[..(OutputLines.LineMax - 2)], "😀yyyyyyyyyy"], _observer.Lines);
    }

    [Fact]
    public async Task Output_OfALineAsLongAsAllowedWithACarriageReturn_IsOneLine()
    {
        await WriteAsync("first\n" + new string('x', OutputLines.LineMax) + "\r");
        await _observer.WaitForLinesAsync(1);

        await EndAfterAsync("\nnext\n");

        Assert.Equal([5, OutputLines.LineMax, 4], _observer.Lines.Select(text => text.Length));
    }

    [Fact]
    public async Task Release_InTheMiddleOfALine_LosesNothingToWhoAdoptsIt()
    {
        await WriteAsync("one\ntw");
        await _observer.WaitForLinesAsync(1);

        var (reader, pending) = await _output.ReleaseAsync();
        await WriteAsync("o\nthree");
        var next = WorkerOutput.Adopt(s_worker, reader, pending, _poller, _log, _observer);
        await WriteAsync("\nfour");
        await _pipe.DisposeAsync();
        await next.Ended.WaitAsync(Scene.Patience);

        Assert.Equal(["one", "two", "three", "four"], _observer.Lines);
        Assert.Equal(["two", "three", "four"], next.LastLines);
        Assert.Equal(["one", "two", "three", "four"], (await File.ReadAllLinesAsync(LogFile)).Select(line => line.Split(' ')[2]));
        await Assert.ThrowsAsync<InvalidOperationException>(_output.ReleaseAsync);
    }

    [Fact]
    public async Task Release_OfAnOutputThatHasEnded_GivesOneThatHasEnded()
    {
        await EndAfterAsync("last words");

        var (reader, pending) = await _output.ReleaseAsync();
        var next = WorkerOutput.Adopt(s_worker, reader, pending, _poller, _log, _observer);
        await next.Ended.WaitAsync(Scene.Patience);

        Assert.Equal(["last words"], _observer.Lines);
        Assert.Empty(next.LastLines);
    }

    [Fact]
    public async Task DuplicateReader_HeldByTheWorker_KeepsWhatWasWrittenWhileNobodyRead()
    {
        using var held = _output.DuplicateReader();
        var (reader, _) = await _output.ReleaseAsync();
        reader.Dispose();

        await WriteAsync("while nobody read\n");
        var next = WorkerOutput.Adopt(s_worker, held.Duplicate(), default, _poller, _log, _observer);
        await _pipe.DisposeAsync();
        await next.Ended.WaitAsync(Scene.Patience);

        Assert.Equal(["while nobody read"], _observer.Lines);
    }

    [Fact]
    public async Task Output_WhileTheObserverIsStuck_IsReadOnAndInTheLog()
    {
        var stuck = new StuckObserver();
        var (output, end) = WorkerOutput.Open(s_worker, _poller, _log, stuck);
        var line = new string('x', 1000) + "\n";
        await using (var pipe = new FileStream(
            new Microsoft.Win32.SafeHandles.SafeFileHandle(end.Number, ownsHandle: false), FileAccess.Write, bufferSize: 0))
        {
            // More than the pipe and what waits for the observer can hold.
            for (var number = 0; number < 20_000; number++)
                await pipe.WriteAsync(Encoding.UTF8.GetBytes(line));
        }

        end.Dispose();
        Assert.False(output.Ended.IsCompleted);
        stuck.GoOn();
        await output.Ended.WaitAsync(Scene.Patience);

        Assert.Equal(20_000, File.ReadLines(LogFile).Count());
        Assert.Equal("OutputNotShown", (await stuck.Warning).Name);
    }

    private async Task WriteAsync(string text) => await _pipe.WriteAsync(Encoding.UTF8.GetBytes(text));

    private async Task EndAfterAsync(string text)
    {
        await WriteAsync(text);
        await _pipe.DisposeAsync();
        await _output.Ended.WaitAsync(Scene.Patience);
    }
}
