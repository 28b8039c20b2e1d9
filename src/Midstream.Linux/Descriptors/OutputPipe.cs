// The pipe through which a child's standard output reaches its parent, read without a thread that waits in read(2).

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>The reading end of a pipe (pipe(2)).</summary>
/// <remarks>One reader at a time.</remarks>
public sealed class OutputPipe : IDisposable
{
    private readonly FileDescriptor _reader;
    private readonly FdPoller _poller;

    private OutputPipe(FileDescriptor reader, FdPoller poller)
    {
        _reader = reader;
        _poller = poller;
    }

    /// <summary>Makes a pipe. Both ends have close-on-exec set and are blocking, as programs expect of their standard
    /// output.</summary>
    /// <param name="poller">Waits for data.</param>
    /// <returns>The reading end, and the writing end, which is to be closed here once the child has it.</returns>
    /// <exception cref="LinuxException">The process has no descriptor left (EMFILE).</exception>
    public static unsafe (OutputPipe Reader, FileDescriptor Writer) Create(FdPoller poller)
    {
        var ends = stackalloc int[2];
        Calls.Check(Libc.pipe2(ends, Abi.O_CLOEXEC), "pipe2", "Cannot make a pipe");
        return (new OutputPipe(FileDescriptor.Take(ends[0]), poller), FileDescriptor.Take(ends[1]));
    }

    /// <summary>Reads what there is, waiting until there is something.</summary>
    /// <param name="buffer">Takes the bytes; at least one long.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The number of bytes; 0 when nobody has the writing end any more.</returns>
    /// <exception cref="LinuxException">The read failed.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // The end is blocking, but this is its only reader: what poll has announced cannot be taken away by another.
        await _poller.WaitReadableAsync(_reader, cancellationToken);
        return Read(buffer.Span);
    }

    /// <summary>Closes the reading end; a child that writes on is ended by SIGPIPE.</summary>
    public void Dispose() => _reader.Dispose();

    private unsafe int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint count;
            do
            {
                count = Libc.read(_reader, start, (nuint)buffer.Length);
            }
            while (Calls.Interrupted(count));

            return Calls.Check((int)count, "read", "Cannot read a child's output");
        }
    }
}
