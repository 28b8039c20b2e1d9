using System.Text;
using Midstream.Linux;

namespace Midstream.Supervisor.Workers;

/// <summary>
/// Reads what one worker writes, line by line, into the log and to the observer, and remembers the last lines for the day
/// the worker fails.
/// </summary>
/// <remarks>A worker that writes faster than the log takes waits in its own write, as with any pipe; a line longer than
/// <see cref="LineMax"/> is cut into several.</remarks>
internal sealed class WorkerOutput
{
    /// <summary>The longest line kept in one piece, in characters.</summary>
    public const int LineMax = 16 * 1024;

    private const int LastLinesMax = 40;

    private readonly Queue<string> _last = new();
    private readonly long _generation;
    private readonly OutputLog _log;
    private readonly ISupervisorObserver _observer;

    private WorkerOutput(long generation, OutputLog log, ISupervisorObserver observer)
    {
        _generation = generation;
        _log = log;
        _observer = observer;
    }

    /// <summary>Gets a task that ends when nobody has the pipe's other end any more.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Gets the last lines, oldest first.</summary>
    public IReadOnlyList<string> LastLines
    {
        get
        {
            lock (_last)
                return [.. _last];
        }
    }

    /// <summary>Makes the pipe and begins to read.</summary>
    /// <param name="generation">The worker's generation.</param>
    /// <param name="poller">Waits for output.</param>
    /// <param name="log">Takes the lines.</param>
    /// <param name="observer">Takes the lines as well.</param>
    /// <returns>The reader, and the end that the worker writes to, which the caller closes once the worker has it.</returns>
    public static (WorkerOutput Output, FileDescriptor Writer) Open(
        long generation, FdPoller poller, OutputLog log, ISupervisorObserver observer)
    {
        var (reader, writer) = OutputPipe.Create(poller);
        var output = new WorkerOutput(generation, log, observer);
        output.Ended = Task.Run(() => output.ReadAsync(reader));
        return (output, writer);
    }

    private async Task ReadAsync(OutputPipe reader)
    {
        using var open = reader;
        var bytes = new byte[LineMax];
        var characters = new char[LineMax + 1];
        var decoder = Encoding.UTF8.GetDecoder();
        var line = new StringBuilder();
        int count;
        while ((count = await reader.ReadAsync(bytes)) > 0)
        {
            var length = decoder.GetChars(bytes, 0, count, characters, 0);
            Split(characters.AsSpan(0, length), line);
        }

        if (line.Length > 0)
            Take(line);
    }

    private void Split(ReadOnlySpan<char> text, StringBuilder line)
    {
        while (!text.IsEmpty)
        {
            var end = text.IndexOf('\n');
            var part = end < 0 ? text : text[..end];
            Append(part, line);
            text = end < 0 ? [] : text[(end + 1)..];
            if (end >= 0)
                Take(line);
        }
    }

    // Cuts only when there is more: a line of just the length allowed must not be followed by an empty one.
    private void Append(ReadOnlySpan<char> part, StringBuilder line)
    {
        while (part.Length > LineMax - line.Length)
        {
            var room = LineMax - line.Length;
            line.Append(part[..room]);
            part = part[room..];
            Take(line);
        }

        line.Append(part);
    }

    private void Take(StringBuilder line)
    {
        var text = line.ToString().TrimEnd('\r');
        line.Clear();
        lock (_last)
        {
            _last.Enqueue(text);
            if (_last.Count > LastLinesMax)
                _last.Dequeue();
        }

        _log.Write(_generation, text);
        _observer.OnOutput(_generation, text);
    }
}
