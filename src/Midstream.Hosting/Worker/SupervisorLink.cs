using System.Runtime.InteropServices;
using Midstream.Control.Workers;
using Midstream.Linux;

namespace Midstream.Hosting.Worker;

/// <summary>The worker's end of the control channel.</summary>
/// <param name="worker">Says which descriptor it is.</param>
/// <param name="poller">Waits for messages.</param>
// Never disposed of: the channel's end is how the supervisor learns that the process is done.
#pragma warning disable CA1001
internal sealed class SupervisorLink(WorkerIdentity worker, FdPoller poller) : ISupervisorLink
#pragma warning restore CA1001
{
    private readonly WorkerChannel _channel = new(new SeqPacketChannel(worker.ControlDescriptor, poller));

    public async ValueTask SayAsync(
        WorkerMessage message, IReadOnlyList<SafeHandle> descriptors, CancellationToken cancellationToken)
    {
        try
        {
            await _channel.SendAsync(message, descriptors, cancellationToken);
        }
        catch (IOException)
        {
            // The supervisor is gone; the receiving side learns of it in its own time and acts on it.
        }
    }

    /// <summary>Receives the supervisor's next message.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The message; null when the supervisor is gone.</returns>
    public ValueTask<ReceivedWorkerMessage?> ReceiveAsync(CancellationToken cancellationToken) =>
        _channel.ReceiveAsync(cancellationToken);
}
