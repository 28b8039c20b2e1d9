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
    // What is kept for files, databases and clients that connect meanwhile: an eighth of what is left, and never less than this.
    private const int ReserveMin = 64;
    private const int ReserveShare = 8;

    /// <summary>Takes connections until the other side has finished or is gone, then closes the channel.</summary>
    /// <returns>The number of connections taken.</returns>
    public async Task<long> RunAsync()
    {
        var taken = 0L;
        try
        {
            await GreetAsync();
            while (await channel.ReceiveAsync(CancellationToken.None) is { } packet)
            {
                using (packet)
                {
                    if (await IsTheLastAsync(packet))
                        break;
                    if (HandOverFrame.TryRead(packet.Payload, out var frame) && await TakeAsync(frame, packet))
                        taken++;
                }
            }
        }
        catch (Exception broken) when (broken is IOException or LinuxException)
        {
            LogChannelBroken(broken);
        }

        await channel.DisposeAsync();
        return taken;
    }

    private ValueTask GreetAsync()
    {
        var left = DescriptorBudget.Left();
        var budget = Math.Max(0, left - Math.Max(ReserveMin, left / ReserveShare));
        return channel.SendAsync(
            new HandOverFrame(HandOverKind.Greeting, HandOverFrame.Version, budget).ToBytes(), [], CancellationToken.None);
    }

    // What is not understood is refused by its number, so that the old generation ends it in the announced way. A packet that has
    // not even that breaks the channel.
    private async ValueTask<bool> IsTheLastAsync(SeqPacketMessage packet)
    {
        if (HandOverFrame.TryRead(packet.Payload, out var frame))
            return frame.Kind == HandOverKind.Finished;
        if (HandOverFrame.ConnectionOf(packet.Payload) is not { } unknown)
            return true;
        await AnswerAsync(HandOverKind.Refused, unknown);
        return false;
    }

    private async Task<bool> TakeAsync(HandOverFrame frame, SeqPacketMessage packet)
    {
        if (frame.Kind is not (HandOverKind.Offer or HandOverKind.Resume))
            return false;
        using var connection = TryTake(packet, 0);
        var listener = transport.Find(frame.Listener);
        if (connection is null || !SocketAdoption.IsConnectedStream(connection) || listener is null ||
            !TryReadArrival(frame, packet, out var unread, out var passage))
        {
            await AnswerAsync(HandOverKind.Refused, frame.Connection);
            return false;
        }

        await AnswerAsync(HandOverKind.Accepted, frame.Connection);
        listener.Adopt(new Arrival(connection.ToSocket(), unread, ArrivalOrigin.HandedOver, Passage: passage));
        return true;
    }

    private static bool TryReadArrival(HandOverFrame frame, SeqPacketMessage packet, out byte[] unread, out Passage? passage)
    {
        unread = [];
        passage = null;
        if (ReadBytes(frame, packet) is not { } bytes)
            return false;
        unread = bytes[frame.PassageLength..];
        if (frame.Kind == HandOverKind.Resume)
            passage = Passage.TryRead(bytes.AsMemory(0, frame.PassageLength));
        return frame.Kind != HandOverKind.Resume || passage is not null;
    }

    private static byte[]? ReadBytes(HandOverFrame frame, SeqPacketMessage packet)
    {
        if (frame.UnreadInMemoryFile == 0)
            return frame.Unread.ToArray();
        using var file = TryTake(packet, 1);
        try
        {
            var bytes = file is null ? null : MemoryFile.Read(file, HandOverFrame.LengthMax);
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

    private ValueTask AnswerAsync(HandOverKind kind, uint connection) =>
        channel.SendAsync(new HandOverFrame(kind, connection).ToBytes(), [], CancellationToken.None);

    [LoggerMessage(EventId = 120, EventName = "HandOverChannelBroken", Level = LogLevel.Warning,
        Message = "The channel from the previous generation broke; what it had not handed over stays with it.")]
    private partial void LogChannelBroken(Exception error);
}
