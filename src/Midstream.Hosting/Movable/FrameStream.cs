namespace Midstream.Hosting.Movable;

/// <summary>
/// Between the server's raw stream and the framework's WebSocket: reads never go beyond the end of a frame, so that the WebSocket
/// holds no byte of the next one; and once cut, it writes and closes nothing.
/// </summary>
/// <param name="inner">The upgraded connection's stream.</param>
/// <param name="cut">Knows where it can be cut.</param>
internal sealed class FrameStream(Stream inner, WebSocketCut cut) : Stream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, cut.Wanted)], cancellationToken);
        cut.WasRead(buffer.Span[..count]);
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!cut.TryBeginWrite(buffer.Span))
            throw new IOException("The WebSocket goes on in another process.");
        try
        {
            await inner.WriteAsync(buffer, cancellationToken);
        }
        finally
        {
            cut.EndWrite();
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        cut.IsCut ? Task.CompletedTask : inner.FlushAsync(cancellationToken);

    public override void Flush()
    {
        // Every write of the server's stream is flushed.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !cut.IsCut)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
