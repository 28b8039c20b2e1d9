using System.Text;
using Midstream.Core.Configuration;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Logs;

/// <summary>
/// The log that keeps what workers wrote: a line each, with time and worker. Lines are taken at once and written by a thread
/// of the log's own, many in one write, so that no disk makes a worker wait.
/// <list type="bullet">
/// <item>Lines are in the file in the order in which they were taken, each as a whole, also across rotations.</item>
/// <item>While the disk is stuck, lines wait up to <see cref="LogsModel.QueueMaxBytes"/>; then the newest are dropped.</item>
/// <item>A disk that is full or broken costs the lines that it has no room for, at once, and nothing else.</item>
/// <item>Where lines are missing, the log says so as soon as it can: <c>TIME midstream 12 lines lost</c>.</item>
/// </list>
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class OutputLog : IDisposable
{
    /// <summary>How long a flush waits for a disk that is stuck.</summary>
    public static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(5);

    private readonly object _lock = new();
    private readonly LineStamp _stamp;
    private readonly RotatedFile _file;
    private readonly LogCompression? _compression;
    private readonly LineStamp _lossStamp;
    private readonly Thread _thread;
    private readonly List<Flush> _flushes = [];
    private LineBuffer _waiting;
    private LineBuffer _taken;
    private long _added;
    private long _written;
    private long _dropped;
    private long _lost;
    private long _unreported;
    private bool _reopen;
    private bool _ending;

    /// <summary>Opens the log; the file itself is opened when there is something to write.</summary>
    /// <param name="path">The file; rotated ones are <c>path.1</c> (the newest) and up.</param>
    /// <param name="limits">When a new file is begun, and how many are kept.</param>
    /// <param name="clock">Stamps the lines and tells a file's age; null for the system's.</param>
    public OutputLog(string path, LogsModel limits, TimeProvider? clock = null)
    {
        var files = new LogFiles(path, limits.FilesMax);
        _stamp = new LineStamp(clock ?? TimeProvider.System);
        _lossStamp = new LineStamp(clock ?? TimeProvider.System);
        _file = new RotatedFile(files, limits, clock ?? TimeProvider.System);
        _waiting = new LineBuffer(limits.QueueMaxBytes);
        _taken = new LineBuffer(limits.QueueMaxBytes);
        _compression = limits.Compress ? new LogCompression(files) : null;
        _compression?.Begin();
        _thread = new Thread(Run) { IsBackground = true, Name = "midstream-log" };
        _thread.Start();
    }

    /// <summary>Gets the number of lines that could not be written or were dropped.</summary>
    public long LinesLost => Interlocked.Read(ref _lost);

    /// <summary>Takes a line.</summary>
    /// <param name="worker">Who wrote it.</param>
    /// <param name="line">The line, without its end.</param>
    public void Write(WorkerName worker, string line) => Write(NameOf(worker), Encoding.UTF8.GetBytes(line));

    /// <summary>Takes lines, without a copy for each.</summary>
    /// <param name="name">Who wrote them, from <see cref="NameOf"/>.</param>
    /// <param name="lines">The lines as the worker wrote them; not looked at after the return.</param>
    public void Write(ReadOnlySpan<byte> name, ReadOnlySpan<byte> lines)
    {
        lock (_lock)
        {
            if (lines.IsEmpty)
                Add_NeedsLock(name, lines);
            foreach (var line in new OutputLines(lines))
                Add_NeedsLock(name, line);
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Spells a worker as its lines begin.</summary>
    /// <param name="worker">The worker.</param>
    /// <returns>The name and a space, as bytes.</returns>
    public static byte[] NameOf(WorkerName worker) => Encoding.UTF8.GetBytes($"{worker} ");

    /// <summary>Closes the file, and opens what has its name by then: the old one has been renamed.</summary>
    /// <remarks>Not needed with logrotate, whose rename is noticed before the next write; it lets go of the old file when
    /// nothing is written.</remarks>
    public void Reopen()
    {
        lock (_lock)
        {
            _added++;
            _reopen = true;
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Waits until all that was taken before is in the file, or lost, and a <see cref="Reopen"/> is done.</summary>
    /// <returns>A task that ends then; it never fails.</returns>
    public Task FlushAsync()
    {
        lock (_lock)
        {
            if (_written == _added)
                return Task.CompletedTask;
            var flush = new Flush(_added);
            _flushes.Add(flush);
            return flush.Task;
        }
    }

    /// <summary>Writes what is waiting, and closes; what a stuck disk does not take within <see cref="FlushTimeout"/> is
    /// lost. Lines that come later are lost as well.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _ending = true;
            Monitor.Pulse(_lock);
        }

        _thread.Join(FlushTimeout);
        _compression?.Dispose();
    }

    /// <summary>Waits until the rotated files are compressed.</summary>
    internal async Task CompressedAsync()
    {
        await FlushAsync();
        await (_compression?.Idle ?? Task.CompletedTask);
    }

    private void Add_NeedsLock(ReadOnlySpan<byte> name, ReadOnlySpan<byte> line)
    {
        if (_ending)
        {
            Interlocked.Increment(ref _lost);
            return;
        }

        _added++;
        var length = LineStamp.Length + name.Length + line.Length + 1;
        // Those after a dropped line are dropped until the queue is taken: there is one gap, and the report stands in it.
        if (_dropped > 0 || !_waiting.TryExtend(length, out var room))
        {
            _dropped++;
            return;
        }

        _stamp.Now().CopyTo(room);
        name.CopyTo(room[LineStamp.Length..]);
        line.CopyTo(room[(LineStamp.Length + name.Length)..]);
        room[^1] = (byte)'\n';
    }

    private void Run()
    {
        while (Take() is { } work)
        {
            if (work.Reopen)
                _file.Reopen();
            var rotations = _file.Rotations;
            Report();
            if (!_taken.IsEmpty)
                Lose(_file.Write(_taken.Bytes));
            Lose(work.Dropped);
            Report();
            if (_file.Rotations != rotations)
                _compression?.Begin();
            Complete(work);
        }

        _file.Dispose();
    }

    // Null when the log is closed and nothing is left.
    private Work? Take()
    {
        lock (_lock)
        {
            while (_waiting.IsEmpty && _dropped == 0 && !_reopen && !_ending)
                Monitor.Wait(_lock);
            if (_waiting.IsEmpty && _dropped == 0 && !_reopen)
                return null;
            (_waiting, _taken) = (_taken, _waiting);
            var work = new Work(_added, _dropped, _reopen);
            _dropped = 0;
            _reopen = false;
            return work;
        }
    }

    private void Complete(Work work)
    {
        _taken.Clear();
        lock (_lock)
        {
            _written = work.Until;
            foreach (var flush in _flushes.Where(flush => flush.Until <= _written))
                flush.TrySetResult();
            _flushes.RemoveAll(flush => flush.Until <= _written);
        }
    }

    private void Lose(long lines)
    {
        _unreported += lines;
        Interlocked.Add(ref _lost, lines);
    }

    private void Report()
    {
        if (_unreported == 0)
            return;
        byte[] line = [.. _lossStamp.Now(), .. Encoding.UTF8.GetBytes($"midstream {_unreported} lines lost\n")];
        if (_file.Write(line) == 0)
            _unreported = 0;
    }

    private sealed record Work(long Until, long Dropped, bool Reopen);

    private sealed class Flush(long until) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        internal long Until => until;
    }
}
