using Midstream.Linux;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Logs;

/// <summary>
/// Reads what one worker writes, as fast as it writes, into the log and to the observer, and remembers the last lines for the
/// day the worker fails.
/// <list type="bullet">
/// <item>Nobody who takes the lines makes the worker wait: what they cannot take in time waits in a bounded queue and is then
/// dropped, counted and reported, by <see cref="OutputLog"/> and <see cref="OutputRelay"/> each for itself.</item>
/// <item>A line longer than <see cref="OutputLines.LineMax"/> is cut into several; the last one needs no end.</item>
/// <item>Another process may go on where this one stops (<see cref="ReleaseAsync"/>, <see cref="Adopt"/>): no line is lost,
/// doubled or torn by that.</item>
/// </list>
/// </summary>
internal sealed class WorkerOutput
{
    private const int ReadBytes = 64 * 1024;
    private const int OrphanedMaxBytes = 64 * 1024 * 1024;

    private readonly LastLines _last = new();
    private readonly byte[] _name;
    private readonly FdPoller _poller;
    private readonly OutputPipe _pipe;
    private readonly OutputLog _log;
    private readonly OutputRelay _relay;
    private readonly byte[] _buffer = new byte[OutputLines.LineMax + ReadBytes];
    private readonly Func<Task> _stopReading;
    private readonly Task _reading;
    private int _held;
    private int _released;
    private bool _ended;

    private WorkerOutput(
        WorkerName worker, OutputPipe pipe, ReadOnlySpan<byte> pending, FdPoller poller, OutputLog log,
            ISupervisorObserver observer)
    {
        _name = OutputLog.NameOf(worker);
        _poller = poller;
        _pipe = pipe;
        _log = log;
        _relay = new OutputRelay(worker.Generation, observer);
        pending.CopyTo(_buffer);
        _held = pending.Length;
        // Has neither timer nor wait handle: there is nothing to dispose.
        var stop = new CancellationTokenSource();
        _stopReading = stop.CancelAsync;
        _reading = Task.Run(() => ReadAsync(stop.Token));
        Ended = EndAsync();
    }

    /// <summary>Gets a task that ends when nobody has the pipe's other end any more, or it was released, and the lines are where
    /// they belong. It never fails.</summary>
    public Task Ended { get; }

    /// <summary>Gets the last lines, oldest first.</summary>
    public IReadOnlyList<string> LastLines => _last.Read();

    /// <summary>Makes the pipe and begins to read.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="poller">Waits for output.</param>
    /// <param name="log">Takes the lines.</param>
    /// <param name="observer">Takes the lines as well.</param>
    /// <returns>The reader, and the end that the worker writes to, which the caller closes once the worker has it.</returns>
    /// <exception cref="LinuxException">The process has no descriptor left (EMFILE).</exception>
    public static (WorkerOutput Output, FileDescriptor Writer) Open(
        WorkerName worker, FdPoller poller, OutputLog log, ISupervisorObserver observer)
    {
        var (pipe, writer) = OutputPipe.Create(poller);
        return (new WorkerOutput(worker, pipe, [], poller, log, observer), writer);
    }

    /// <summary>Goes on reading where another process has stopped.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="reader">The pipe's reading end; owned by the result from now on.</param>
    /// <param name="pending">The bytes of the unfinished line, at most one byte more than <see cref="OutputLines.LineMax"/>;
    /// empty when they are not known.</param>
    /// <param name="poller">Waits for output.</param>
    /// <param name="log">Takes the lines.</param>
    /// <param name="observer">Takes the lines as well.</param>
    /// <returns>The reader.</returns>
    /// <exception cref="ArgumentException">More is pending than a line can have.</exception>
    /// <exception cref="LinuxException">The descriptor's flags cannot be set.</exception>
    public static WorkerOutput Adopt(
        WorkerName worker, FileDescriptor reader, ReadOnlyMemory<byte> pending, FdPoller poller, OutputLog log,
            ISupervisorObserver observer)
    {
        if (pending.Length > OutputLines.LineMax + 1)
            throw new ArgumentException($"{pending.Length} bytes are no unfinished line.", nameof(pending));
        return new WorkerOutput(worker, OutputPipe.Adopt(reader, poller), pending.Span, poller, log, observer);
    }

    /// <summary>Takes what a worker has read of its own output while there was no supervisor: whole lines go to the
    /// log.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="read">The memory file with it, which is closed; null when it has read nothing.</param>
    /// <param name="log">Takes the lines.</param>
    /// <returns>The beginning of an unfinished line, for what follows it in the pipe.</returns>
    public static byte[] LogWhatWasRead(WorkerName worker, FileDescriptor? read, OutputLog log) =>
        LogWhatWasRead(OutputLog.NameOf(worker), read, log);

    /// <summary>Takes what the worker has read itself after this had begun to read: it had stood still when its supervisor was
    /// killed.</summary>
    /// <param name="read">The memory file with it, which is closed; null when it has read nothing.</param>
    public void LogLate(FileDescriptor? read)
    {
        // What follows an unfinished line was read here, and is in the log already.
        if (LogWhatWasRead(_name, read, _log) is { Length: > 0 } rest)
            _log.Write(_name, rest);
    }

    /// <summary>Duplicates the pipe's reading end for the worker: it does not read from it, but the pipe lives as long as the
    /// worker, and what is in it, whatever becomes of the supervisor.</summary>
    /// <returns>The duplicate.</returns>
    /// <exception cref="LinuxException">The process has no descriptor left (EMFILE).</exception>
    /// <exception cref="ObjectDisposedException">The output has ended or was released.</exception>
    public FileDescriptor DuplicateReader() => _pipe.DuplicateReader();

    /// <summary>Stops reading at once, for another process to go on. Whole lines are in the log when it returns, unless the
    /// disk is stuck for longer than <see cref="OutputLog.FlushTimeout"/>.</summary>
    /// <returns>The pipe's reading end, owned by the caller, and the bytes of the unfinished line. Of a pipe that has ended it is
    /// one that has ended too.</returns>
    /// <exception cref="InvalidOperationException">It was released before.</exception>
    public async Task<(FileDescriptor Reader, byte[] Pending)> ReleaseAsync()
    {
        if (Interlocked.Exchange(ref _released, 1) != 0)
            throw new InvalidOperationException("The output was released before.");
        await _stopReading();
        await _reading;
        var reader = TakeReader();
        await Task.WhenAny(Ended, Task.Delay(OutputLog.FlushTimeout));
        return (reader, _buffer[.._held]);
    }

    private static byte[] LogWhatWasRead(byte[] name, FileDescriptor? read, OutputLog log)
    {
        if (read is null)
            return [];
        using (read)
        {
            var bytes = MemoryFile.Read(read, OrphanedMaxBytes);
            var end = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
            if (end > 0)
                log.Write(name, bytes.AsSpan(0, end - 1));
            var pending = bytes.AsSpan(end);
            return pending.Length <= OutputLines.LineMax ? pending.ToArray() : [];
        }
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        try
        {
            int count;
            while ((count = await _pipe.ReadAsync(_buffer.AsMemory(_held), stop)) > 0)
                _held = Take(_buffer.AsSpan(0, _held + count));
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException)
        {
            // The supervisor lets go of everything; what was read is kept.
        }

        _ended = true;
        if (_held > 0)
            Deliver(_buffer.AsSpan(0, _held));
        _held = 0;
        _pipe.Dispose();
    }

    // Delivers whole lines, moves the unfinished one to the buffer's beginning, and returns its length.
    private int Take(Span<byte> bytes)
    {
        var whole = bytes.LastIndexOf((byte)'\n') + 1;
        if (whole > 0)
            Deliver(bytes[..whole]);
        var rest = bytes[whole..];
        // One more than a line may have: it can be the carriage return before the line feed.
        while (rest.Length > OutputLines.LineMax + 1)
        {
            var cut = OutputLines.CutOf(rest);
            Deliver(rest[..cut]);
            rest = rest[cut..];
        }

        rest.CopyTo(_buffer);
        return rest.Length;
    }

    private void Deliver(ReadOnlySpan<byte> lines)
    {
        _last.Remember(lines);
        _log.Write(_name, lines);
        _relay.Post(lines);
    }

    private async Task EndAsync()
    {
        await _reading;
        await Task.WhenAll(_log.FlushAsync(), _relay.Idle);
    }

    private FileDescriptor TakeReader()
    {
        if (_ended)
        {
            var (ended, writer) = OutputPipe.Create(_poller);
            using (ended)
            using (writer)
                return ended.DuplicateReader();
        }

        using (_pipe)
            return _pipe.DuplicateReader();
    }
}
