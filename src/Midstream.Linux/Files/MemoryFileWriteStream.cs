// A memory file of any size, written piece by piece: what is too large for an array in this process is handed over all the same.

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>
/// Writes a memory file (memfd_create(2)) as a stream. Its size is bounded by memory alone. Not thread-safe.
/// </summary>
public sealed class MemoryFileWriteStream : Stream
{
    private readonly string _name;
    private FileDescriptor? _file;
    private long _length;

    /// <summary>Creates an empty memory file.</summary>
    /// <param name="name">What /proc shows it as; up to 249 bytes.</param>
    /// <exception cref="LinuxException">There is no memory (ENOMEM) or descriptor (EMFILE) left.</exception>
    public MemoryFileWriteStream(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        _name = name;
        _file = FileDescriptor.Owning(
            Libc.memfd_create(name, Abi.MFD_CLOEXEC | Abi.MFD_ALLOW_SEALING),
            "memfd_create", $"Cannot create the memory file {name}");
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => _file is not null;

    /// <summary>Gets the number of bytes written.</summary>
    public override long Length => _length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    /// <summary>Appends bytes.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <exception cref="LinuxException">There is no memory left (ENOSPC, ENOMEM).</exception>
    /// <exception cref="ObjectDisposedException">The file has been sealed or the writer disposed of.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_file is null, this);
        FileWriting.WriteAll(_file, buffer, _length, $"Cannot write the memory file {_name}");
        _length += buffer.Length;
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Memory does not wait: there is nothing to do asynchronously.
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends the writing: nobody can change the file any more.</summary>
    /// <returns>The file, the caller's from now on.</returns>
    /// <exception cref="ObjectDisposedException">The file has been sealed before or the writer disposed of.</exception>
    public FileDescriptor Seal()
    {
        ObjectDisposedException.ThrowIf(_file is null, this);
        Calls.Check(
            Libc.fcntl(_file, Abi.F_ADD_SEALS, MemoryFile.Seals), "fcntl(F_ADD_SEALS)", $"Cannot seal the memory file {_name}");
        var sealedFile = _file;
        _file = null;
        return sealedFile;
    }

    /// <summary>Does nothing: every write is in the file when it returns.</summary>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file?.Dispose();
            _file = null;
        }

        base.Dispose(disposing);
    }
}
