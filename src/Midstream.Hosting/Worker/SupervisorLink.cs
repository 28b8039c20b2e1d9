using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Midstream.Control.Workers;
using Midstream.Linux;

namespace Midstream.Hosting.Worker;

/// <summary>
/// The worker's end of the control channel. When the supervisor dies, the next one connects to the socket that the worker was
/// born with, and the conversation goes on there.
/// </summary>
// Never disposed of: the channel's end is how the supervisor learns that the process is done.
#pragma warning disable CA1001
internal sealed partial class SupervisorLink : ISupervisorLink
#pragma warning restore CA1001
{
    private readonly SeqPacketListener? _reunion;
    private readonly string? _lock;
    private readonly ILogger<SupervisorLink> _logger;
    private volatile WorkerChannel _channel;

    /// <summary>Takes up the channel the worker was born with.</summary>
    /// <param name="worker">Says which descriptors it is.</param>
    /// <param name="poller">Waits for messages.</param>
    /// <param name="logger">For those who are refused.</param>
    public SupervisorLink(WorkerIdentity worker, FdPoller poller, ILogger<SupervisorLink> logger)
    {
        _lock = worker.SupervisorLock;
        _logger = logger;
        _channel = new WorkerChannel(new SeqPacketChannel(worker.ControlDescriptor, poller));
        _reunion = worker.Reunion is { } socket ? new SeqPacketListener(socket, poller) : null;
    }

    /// <summary>Gets whether another supervisor can take over this worker.</summary>
    public bool CanReunite => _reunion is not null;

    public async ValueTask SayAsync(
        WorkerMessage message, IReadOnlyList<SafeHandle> descriptors, CancellationToken cancellationToken)
    {
        try
        {
            await _channel.SendAsync(message, descriptors, cancellationToken);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // The supervisor is gone; the receiving side learns of it in its own time and acts on it.
        }
    }

    /// <summary>Receives the supervisor's next message.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The message; null when the supervisor is gone.</returns>
    public ValueTask<ReceivedWorkerMessage?> ReceiveAsync(CancellationToken cancellationToken) =>
        _channel.ReceiveAsync(cancellationToken);

    /// <summary>Waits for another supervisor and goes on with it.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends when there is one.</returns>
    public async Task ReuniteAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var channel = await _reunion!.AcceptAsync(cancellationToken);
            if (IsSupervisor(channel.Peer))
            {
                var last = _channel;
                _channel = new WorkerChannel(channel);
                await last.DisposeAsync();
                return;
            }

            LogStrangerRefused(channel.Peer.Pid, channel.Peer.Uid);
            await channel.DisposeAsync();
        }
    }

    // Any process of the user may connect, also before there is anybody to wait for, and would be given the sockets. The
    // supervisor is the one that holds the service's lock. Root need not prove anything to another user's process, which could
    // not look at it either.
    private bool IsSupervisor(PeerCredentials peer)
    {
        if (peer.Uid == 0 && !ProcessOwner.IsRoot)
            return true;
        // The socket's mode says it, too, whatever became of the mode.
        if (peer.Uid != 0 && peer.Uid != ProcessOwner.Uid && peer.Uid != _channel.Peer.Uid)
            return false;
        return _lock is null || FileLock.IsHeldBy(_lock, peer.Pid);
    }

    [LoggerMessage(EventId = 105, EventName = "StrangerRefused", Level = LogLevel.Warning,
        Message = "Process {Pid} (uid {Uid}) wanted to be this worker's supervisor and does not hold the service's lock; it " +
            "was refused.")]
    private partial void LogStrangerRefused(int pid, uint uid);
}
