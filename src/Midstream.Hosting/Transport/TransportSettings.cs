using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Midstream.Hosting.Transport;

/// <summary>
/// How connections are buffered: the limits that the application has set for Kestrel's own sockets, on memory of the kind
/// Kestrel itself uses.
/// </summary>
/// <param name="options">The application's socket options.</param>
/// <param name="pools">Makes the memory pool.</param>
internal sealed class TransportSettings(SocketTransportOptions options, IMemoryPoolFactory<byte> pools)
{
    /// <summary>Gets the memory that pipes are made of.</summary>
    public MemoryPool<byte> MemoryPool { get; } = pools.Create();

    /// <summary>Gets whether small packets are sent at once (TCP_NODELAY).</summary>
    public bool NoDelay => options.NoDelay;

    /// <summary>Gets the options of the pipe from socket to server.</summary>
    public PipeOptions InputOptions => field ??= Options(options.MaxReadBufferSize);

    /// <summary>Gets the options of the pipe from server to socket.</summary>
    public PipeOptions OutputOptions => field ??= Options(options.MaxWriteBufferSize);

    // 0 stands for no limit, in a pipe's options as well. The thread pool for both ends measured as fast as Kestrel's own queues.
    private PipeOptions Options(long? limit) =>
        new(
            MemoryPool,
            readerScheduler: PipeScheduler.ThreadPool,
            writerScheduler: PipeScheduler.ThreadPool,
            pauseWriterThreshold: limit ?? 0,
            resumeWriterThreshold: (limit ?? 0) / 2,
            useSynchronizationContext: false);
}
