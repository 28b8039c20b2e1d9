using System.Runtime.InteropServices;
using Midstream.Control.Workers;
using Midstream.Linux;

namespace Midstream.Hosting.Worker;

/// <summary>
/// The worker's end of the control channel. When the supervisor dies, the next one connects to the socket that the worker was
/// born with, and the conversation goes on there.
/// </summary>
// Never disposed of: the channel's end is how the supervisor learns that the process is done.
#pragma warning disable CA1001
internal sealed class SupervisorLink : ISupervisorLink
#pragma warning restore CA1001
{
    private readonly SeqPacketListener? _reunion;
    private volatile WorkerChannel _channel;

    /// <summary>Takes up the channel the worker was born with.</summary>
    /// <param name="worker">Says which descriptors it is.</param>
    /// <param name="poller">Waits for messages.</param>
    public SupervisorLink(WorkerIdentity worker, FdPoller poller)
    {
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
            // The socket's mode says who may connect; this says it again, whatever became of the mode.
            if (channel.Peer.Uid is var uid && (uid == 0 || uid == ProcessOwner.Uid || uid == _channel.Peer.Uid))
            {
                var last = _channel;
                _channel = new WorkerChannel(channel);
                await last.DisposeAsync();
                return;
            }

            await channel.DisposeAsync();
        }
    }
}
