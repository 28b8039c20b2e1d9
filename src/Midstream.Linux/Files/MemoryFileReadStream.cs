// The reading end of a memory file that may be larger than an array.

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Reads a sealed memory file as a stream, from its beginning. Not thread-safe.</summary>
public sealed class MemoryFileReadStream : Stream
{
    private readonly FileDescriptor _file;

    /// <summary>Begins to read a memory file that its writer has sealed.</summary>
    /// <param name="file">The file; becomes the reader's, also when this throws.</param>
    /// <exception cref="InvalidDataException">The descriptor is no memory file, or is not sealed.</exception>
    /// <exception cref="LinuxException">The file cannot be read.</exception>
    public MemoryFileReadStream(FileDescriptor file)
    {
        ArgumentNullException.ThrowIfNull(file);
        _file = file;
        try
        {
            MemoryFile.ThrowIfNotSealed(file);
            Length = FileWriting.SizeOf(file, "Cannot read a memory file");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <summary>Gets the size of the file, in bytes.</summary>
    public override long Length { get; }

    /// <summary>Gets the number of bytes read.</summary>
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    private long _position;

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var count = FileWriting.ReadAll(_file, buffer, _position, "Cannot read a memory file");
        _position += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    /// <summary>Does nothing.</summary>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _file.Dispose();
        base.Dispose(disposing);
    }
}
