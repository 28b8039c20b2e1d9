// The pipe through which a child's standard output reaches its parent, read without a thread that waits in read(2).

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>The reading end of a pipe (pipe(2)).</summary>
/// <remarks>One reader at a time, in one process at a time: the end may have duplicates elsewhere that keep the pipe alive, but
/// who reads from one takes bytes away from the others.</remarks>
public sealed class OutputPipe : IDisposable
{
    /// <summary>The size asked of the kernel: what a child may write while its parent does something else, in bytes.</summary>
    public const int WantedBytes = 1 << 20;

    private readonly FileDescriptor _reader;
    private readonly FdPoller _poller;

    private OutputPipe(FileDescriptor reader, FdPoller poller)
    {
        _reader = reader;
        _poller = poller;
        // Of this end only: the writing end is another open file, and stays blocking as programs expect of their output.
        reader.SetNonBlocking();
    }

    /// <summary>Gets how much the pipe holds, in bytes.</summary>
    /// <exception cref="LinuxException">The end is no pipe.</exception>
    public int SizeBytes =>
        Calls.Check(Libc.fcntl(_reader, Abi.F_GETPIPE_SZ, 0), "fcntl(F_GETPIPE_SZ)", "Cannot read a pipe's size");

    /// <summary>
    /// Makes a pipe of <see cref="WantedBytes"/>, or of the system's default size where that is not allowed
    /// (/proc/sys/fs/pipe-max-size, pipe-user-pages-soft). Both ends have close-on-exec set; the writing end is blocking, as
    /// programs expect of their standard output.
    /// </summary>
    /// <param name="poller">Waits for data.</param>
    /// <returns>The reading end, and the writing end, which is to be closed here once the child has it.</returns>
    /// <exception cref="LinuxException">The process has no descriptor left (EMFILE).</exception>
    public static unsafe (OutputPipe Reader, FileDescriptor Writer) Create(FdPoller poller)
    {
        var ends = stackalloc int[2];
        Calls.Check(Libc.pipe2(ends, Abi.O_CLOEXEC), "pipe2", "Cannot make a pipe");
        var reader = FileDescriptor.Take(ends[0]);
        // A small pipe is slower, not wrong.
        _ = Libc.fcntl(reader, Abi.F_SETPIPE_SZ, WantedBytes);
        return (new OutputPipe(reader, poller), FileDescriptor.Take(ends[1]));
    }

    /// <summary>Goes on with the reading end of a pipe that another process has made.</summary>
    /// <param name="reader">The end; owned by the result from now on. It is made non-blocking, for every holder of it.</param>
    /// <param name="poller">Waits for data.</param>
    /// <returns>The reading end.</returns>
    /// <exception cref="LinuxException">The descriptor's flags cannot be set.</exception>
    public static OutputPipe Adopt(FileDescriptor reader, FdPoller poller)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new OutputPipe(reader, poller);
    }

    /// <summary>Duplicates the reading end, for one who keeps the pipe alive without reading from it.</summary>
    /// <returns>The duplicate, with close-on-exec set.</returns>
    /// <exception cref="LinuxException">The process has no descriptor left (EMFILE).</exception>
    /// <exception cref="ObjectDisposedException">The end is closed.</exception>
    public FileDescriptor DuplicateReader() => _reader.Duplicate();

    /// <summary>Reads what there is, waiting until there is something.</summary>
    /// <param name="buffer">Takes the bytes; at least one long.</param>
    /// <param name="cancellationToken">Ends the wait. No byte is lost by it: a read that has taken some returns them.</param>
    /// <returns>The number of bytes; 0 when nobody has the writing end any more.</returns>
    /// <exception cref="LinuxException">The read failed.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int? count;
        while ((count = TryRead(buffer.Span)) is null)
            await _poller.WaitReadableAsync(_reader, cancellationToken);
        return count.Value;
    }

    /// <summary>Closes the reading end; a child that writes on is ended by SIGPIPE once no duplicate is left.</summary>
    public void Dispose() => _reader.Dispose();

    private unsafe int? TryRead(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint count;
            do
            {
                count = Libc.read(_reader, start, (nuint)buffer.Length);
            }
            while (Calls.Interrupted(count));

            if (count == -1 && Calls.LastError == Errno.EAGAIN)
                return null;
            return Calls.Check((int)count, "read", "Cannot read a child's output");
        }
    }
}
