using Microsoft.Extensions.Logging;
using Midstream.Control.HandOver;
using Midstream.Hosting.Transport;
using Midstream.Linux;

namespace Midstream.Hosting.HandOver;

/// <summary>
/// The new generation's end of the hand-over channel. It acknowledges a connection before it touches it, and touches it only
/// when the acknowledgement is on its way: at every moment exactly one process may read from the client.
/// </summary>
/// <param name="channel">The channel; owned by this object.</param>
/// <param name="transport">Where the connections go.</param>
/// <param name="logger">For what goes wrong.</param>
internal sealed partial class HandOverReceiver(SeqPacketChannel channel, MidstreamTransport transport, ILogger logger)
{
    /// <summary>Takes connections until the other side has finished or is gone, then closes the channel.</summary>
    /// <returns>The number of connections taken.</returns>
    public async Task<long> RunAsync()
    {
        var taken = 0L;
        try
        {
            while (await channel.ReceiveAsync(CancellationToken.None) is { } packet)
            {
                using (packet)
                {
                    if (!HandOverFrame.TryRead(packet.Payload, out var frame) || frame.Kind == HandOverKind.Finished)
                        break;
                    if (frame.Kind == HandOverKind.Offer && await TakeAsync(frame, packet))
                        taken++;
                }
            }
        }
        catch (IOException broken)
        {
            LogChannelBroken(broken);
        }

        await channel.DisposeAsync();
        return taken;
    }

    private async Task<bool> TakeAsync(HandOverFrame frame, SeqPacketMessage packet)
    {
        using var connection = TryTake(packet, 0);
        var listener = transport.Find(frame.Listener);
        var unread = ReadUnread(frame, packet);
        if (connection is null || !SocketAdoption.IsConnectedStream(connection) || listener is null || unread is null)
        {
            await AnswerAsync(HandOverKind.Refused, frame);
            return false;
        }

        await AnswerAsync(HandOverKind.Accepted, frame);
        listener.Adopt(new Arrival(connection.ToSocket(), unread, ArrivalOrigin.HandedOver));
        return true;
    }

    private static byte[]? ReadUnread(HandOverFrame frame, SeqPacketMessage packet)
    {
        if (frame.UnreadInMemoryFile == 0)
            return frame.Unread.ToArray();
        using var file = TryTake(packet, 1);
        try
        {
            var bytes = file is null ? null : MemoryFile.Read(file, HandOverFrame.UnreadMax);
            return bytes?.Length == frame.UnreadInMemoryFile ? bytes : null;
        }
        catch (Exception broken) when (broken is LinuxException or InvalidDataException)
        {
            // Not a memory file at all, or one that could still change: refused like any other broken offer.
            return null;
        }
    }

    private static FileDescriptor? TryTake(SeqPacketMessage packet, int index) =>
        packet.Descriptors.Count > index ? packet.Take(index) : null;

    private ValueTask AnswerAsync(HandOverKind kind, HandOverFrame frame) =>
        channel.SendAsync(new HandOverFrame(kind, frame.Connection).ToBytes(), [], CancellationToken.None);

    [LoggerMessage(EventId = 120, EventName = "HandOverChannelBroken", Level = LogLevel.Warning,
        Message = "The channel from the previous generation broke; what it had not handed over stays with it.")]
    private partial void LogChannelBroken(Exception error);
}
