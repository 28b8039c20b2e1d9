// A real process that writes numbered lines at 100,000 a second, through everything that can happen to a log at once: each number
// is in the union of the files exactly once, in order and whole.

using System.Globalization;
using Midstream.Core.Configuration;
using Midstream.Linux;
using Midstream.Supervisor.Logs;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Tests.Logs;

public sealed class NumberedFloodTests : IDisposable
{
    private const int Lines = 500_000;
    private const int PerSecond = 100_000;
    private const string Tail = " of a line that is about eighty bytes long, as the lines of a service are";

    private static readonly WorkerName s_worker = new(3, 1);

    private readonly string _folder = Directory.CreateTempSubdirectory("midstream-test-").FullName;
    private readonly FdPoller _poller = new();
    private readonly ProcessSpawner _spawner;
    private readonly CountingObserver _observer = new();

    public NumberedFloodTests() => _spawner = new ProcessSpawner(_poller);

    private string LogFile => Path.Combine(_folder, "worker.log");

    // Many files, so that none is deleted; many rotations among the other events.
    private static LogsModel Limits => new() { SizeMaxBytes = 6_000_000, FilesMax = 100 };

    public void Dispose()
    {
        _spawner.Dispose();
        _poller.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Flood_ThroughRotationsRenameTruncationReopenAndHandOver_HasEveryNumberOnceInOrder()
    {
        var log = new OutputLog(LogFile, Limits);
        var (output, writer) = WorkerOutput.Open(s_worker, _poller, log, _observer);
        using var child = Start(writer);

        await _observer.HasSeenAsync(Lines / 10);
        File.Move(LogFile, Path.Combine(_folder, "renamed"));

        await _observer.HasSeenAsync(Lines / 10 * 3);
        File.Move(LogFile, Path.Combine(_folder, "renamed-and-reopened"));
        log.Reopen();

        await _observer.HasSeenAsync(Lines / 10 * 5);
        (output, log) = await PassOnAsync(output, log, betweenThem: TruncateAfterCopy);

        await _observer.HasSeenAsync(Lines / 10 * 7);
        (output, log) = await PassOnAsync(output, log, betweenThem: () => { });

        await output.Ended.WaitAsync(Scene.Patience);
        await child.Exited.WaitAsync(Scene.Patience);
        Assert.Equal(0, log.LinesLost);
        log.Dispose();

        var files = Directory.GetFiles(_folder).Select(NumbersOf).OrderBy(numbers => numbers[0]).ToList();
        Assert.True(files.Count > 8, $"only {files.Count} files: no proof");
        Assert.Equal(Enumerable.Range(1, Lines), files.SelectMany(numbers => numbers));
    }

    // As another supervisor would: with a log of its own, and what the first has told it.
    private async Task<(WorkerOutput Output, OutputLog Log)> PassOnAsync(WorkerOutput output, OutputLog log, Action betweenThem)
    {
        var (reader, pending) = await output.ReleaseAsync();
        Assert.Equal(0, log.LinesLost);
        log.Dispose();
        betweenThem();
        var next = new OutputLog(LogFile, Limits);
        return (WorkerOutput.Adopt(s_worker, reader, pending, _poller, next, _observer), next);
    }

    // While nobody writes: copytruncate itself loses what is written between its two steps, whoever the writer is.
    private void TruncateAfterCopy()
    {
        File.Copy(LogFile, Path.Combine(_folder, "copied"));
        using var file = new FileStream(LogFile, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(0);
    }

    // seq(1) writes as fast as it can; the pauses between its bursts make it 100,000 lines a second.
    private ChildProcess Start(FileDescriptor writer)
    {
        const int Bursts = 10;
        var burst = PerSecond / Bursts;
        var script = $"""
            n=1
            while [ $n -le {Lines} ]; do
              seq -f '%.0f{Tail}' $n $((n + {burst - 1})); n=$((n + {burst})); sleep 0.1
            done
            """;
        using (writer)
        {
            return _spawner.Spawn(new SpawnRequest
            {
                Command = ["/bin/sh", "-c", script],
                Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" },
                WorkingDirectory = _folder,
                StandardOutput = writer,
                StandardError = writer,
            });
        }
    }

    private static List<int> NumbersOf(string file) => [.. File.ReadLines(file).Select(line =>
    {
        // A torn line, or one glued to another, is none of this form.
        var parts = line.Split(' ', 4);
        Assert.True(parts.Length == 4 && parts[1] == "g3.1" && " " + parts[3] == Tail, $"{file}: {line}");
        return int.Parse(parts[2], CultureInfo.InvariantCulture);
    })];

    private sealed class CountingObserver : ISupervisorObserver
    {
        private readonly Lock _lock = new();
        private TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _wanted = int.MaxValue;
        private int _count;

        public void OnEvent(SupervisorEvent what) => throw new InvalidOperationException(what.Text);

        public void OnOutput(long generation, string line)
        {
            lock (_lock)
            {
                if (++_count >= _wanted)
                    _reached.TrySetResult();
            }
        }

        internal Task HasSeenAsync(int count)
        {
            lock (_lock)
            {
                _wanted = count;
                _reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (_count >= count)
                    _reached.SetResult();
                return _reached.Task.WaitAsync(Scene.Patience);
            }
        }
    }
}
