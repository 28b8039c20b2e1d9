// What a worker writes, through a real pipe: made into lines whatever the bytes and however they come.

using System.Text;
using Midstream.Linux;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Tests;

public sealed class WorkerOutputTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("midstream-test-").FullName;
    private readonly FdPoller _poller = new();
    private readonly RecordingObserver _observer = new();
    private readonly OutputLog _log;
    private readonly WorkerOutput _output;
    private readonly FileStream _pipe;

    public WorkerOutputTests()
    {
        _log = new OutputLog(Path.Combine(_folder, "worker.log"), 100_000_000, 2);
        (_output, var writer) = WorkerOutput.Open(7, _poller, _log, _observer);
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
        Assert.Equal(4, (await File.ReadAllLinesAsync(Path.Combine(_folder, "worker.log"))).Length);
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
        var line = new string('x', 100) + new string('y', (3 * WorkerOutput.LineMax) + 500);
        await WriteAsync("first\n" + line[..(WorkerOutput.LineMax - 1)]);
        await _observer.WaitForLinesAsync(1);

        await EndAfterAsync(line[(WorkerOutput.LineMax - 1)..] + "\nnext\n");

        Assert.Equal(line, string.Concat(_observer.Lines.Skip(1).SkipLast(1)));
        Assert.All(_observer.Lines, part => Assert.InRange(part.Length, 1, WorkerOutput.LineMax));
        Assert.Equal("next", _observer.Lines.Last());
    }

    [Fact]
    public async Task Output_OfALineAsLongAsAllowed_IsOneLine()
    {
        await EndAfterAsync(new string('x', WorkerOutput.LineMax) + "\nnext\n");

        Assert.Equal([WorkerOutput.LineMax, 4], _observer.Lines.Select(line => line.Length));
    }

    [Fact]
    public async Task LastLines_OfManyLines_AreTheLastForty()
    {
        await EndAfterAsync(string.Concat(Enumerable.Range(0, 100).Select(number => $"{number}\n")));

        Assert.Equal(Enumerable.Range(60, 40).Select(number => $"{number}"), _output.LastLines);
    }

    private async Task WriteAsync(string text) => await _pipe.WriteAsync(Encoding.UTF8.GetBytes(text));

    private async Task EndAfterAsync(string text)
    {
        await WriteAsync(text);
        await _pipe.DisposeAsync();
        await _output.Ended.WaitAsync(Scene.Patience);
    }
}
