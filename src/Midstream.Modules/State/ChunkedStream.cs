namespace Midstream.Modules.State;

/// <summary>Bytes in memory in pieces: it grows without copying what is there, and beyond what one array can hold.</summary>
internal sealed class ChunkedStream : Stream
{
    private const int ChunkLength = 1024 * 1024;

    private readonly List<byte[]> _chunks = [];
    private long _length;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <summary>Ends the writing: what was written is read from its beginning.</summary>
    public void Rewind() => _position = 0;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var offset = (int)(_length % ChunkLength);
            if (_length / ChunkLength == _chunks.Count)
                _chunks.Add(new byte[ChunkLength]);
            var count = Math.Min(buffer.Length, ChunkLength - offset);
            buffer[..count].CopyTo(_chunks[^1].AsSpan(offset));
            buffer = buffer[count..];
            _length += count;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        if (_position == _length || buffer.IsEmpty)
            return 0;
        var offset = (int)(_position % ChunkLength);
        var count = (int)Math.Min(Math.Min(buffer.Length, ChunkLength - offset), _length - _position);
        _chunks[(int)(_position / ChunkLength)].AsSpan(offset, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        new(Read(buffer.Span));

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
