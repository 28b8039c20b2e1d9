using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Midstream.Hosting.Transport;

/// <summary>
/// How connections are buffered: the limits that the application has set for Kestrel's own sockets, on memory of the kind
/// Kestrel itself uses.
/// </summary>
/// <param name="options">The application's socket options.</param>
/// <param name="server">The application's server options.</param>
/// <param name="pools">Makes the memory pool.</param>
internal sealed class TransportSettings(
    SocketTransportOptions options, KestrelServerOptions server, IMemoryPoolFactory<byte> pools)
{
    private PipeOptions[]? _outputs;
    private int _lastOutput;

    // The longest that a timer takes.
    private static readonly TimeSpan s_longestTimer = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    /// <summary>Gets the memory that pipes are made of.</summary>
    public MemoryPool<byte> MemoryPool { get; } = pools.Create();

    /// <summary>Gets how long the server keeps a connection between two requests; infinite when it has no limit.</summary>
    public TimeSpan KeepAliveTimeout => server.Limits.KeepAliveTimeout is var limit && limit > s_longestTimer
        ? Timeout.InfiniteTimeSpan : limit;

    /// <summary>Gets whether small packets are sent at once (TCP_NODELAY).</summary>
    public bool NoDelay => options.NoDelay;

    /// <summary>Gets the options of the pipe from socket to server. The application never runs on the receive loop: one that
    /// blocks would wait for what only that loop can bring.</summary>
    public PipeOptions InputOptions => field ??= Options(PipeScheduler.ThreadPool, options.MaxReadBufferSize);

    /// <summary>Gets the options of the next connection's pipe from server to socket: each processor's connections share a
    /// queue.</summary>
    public PipeOptions OutputOptions
    {
        get
        {
            var outputs = _outputs ??= [.. Enumerable.Range(0, Math.Min(Environment.ProcessorCount, 16))
                .Select(_ => Options(new SendQueue(), options.MaxWriteBufferSize))];
            return outputs[(uint)Interlocked.Increment(ref _lastOutput) % (uint)outputs.Length];
        }
    }

    // 0 stands for no limit, in a pipe's options as well.
    private PipeOptions Options(PipeScheduler reader, long? limit) =>
        new(
            MemoryPool,
            readerScheduler: reader,
            writerScheduler: PipeScheduler.ThreadPool,
            pauseWriterThreshold: limit ?? 0,
            resumeWriterThreshold: (limit ?? 0) / 2,
            useSynchronizationContext: false);
}
