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
                    if (await FramesOfAsync(packet) is not { } frames)
                        break;
                    taken += await TakeAsync(frames, packet);
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

    /// <summary>Reads a packet; returns null when it is the last: the other side has finished, or cannot be talked to.</summary>
    private async ValueTask<IReadOnlyList<HandOverFrame>?> FramesOfAsync(SeqPacketMessage packet)
    {
        if (HandOverBundle.IsOne(packet.Payload))
            return HandOverBundle.TryRead(packet.Payload);
        if (HandOverFrame.TryRead(packet.Payload, out var frame))
            return frame.Kind == HandOverKind.Finished ? null : [frame];
        // What is not understood is refused by its number, so that the old generation ends it in the announced way. A packet that
        // has not even that breaks the channel.
        if (HandOverFrame.ConnectionOf(packet.Payload) is not { } unknown)
            return null;
        await AnswerAsync([new HandOverFrame(HandOverKind.Refused, unknown)]);
        return [];
    }

    private async Task<int> TakeAsync(IReadOnlyList<HandOverFrame> frames, SeqPacketMessage packet)
    {
        var offers = OffersIn(frames, packet);
        try
        {
            if (offers.Count > 0)
                await AnswerAsync([.. offers.Select(static offer => offer.Answer)]);
            offers.ForEach(static offer => offer.Adopt());
            return offers.Count(static offer => offer.Answer.Kind == HandOverKind.Accepted);
        }
        finally
        {
            offers.ForEach(static offer => offer.Dispose());
        }
    }

    private List<Offered> OffersIn(IReadOnlyList<HandOverFrame> frames, SeqPacketMessage packet)
    {
        var next = 0;
        var offers = new List<Offered>(frames.Count);
        foreach (var frame in frames)
        {
            if (frame.Kind is HandOverKind.Offer or HandOverKind.Resume)
                offers.Add(Offered.Read(frame, packet, ref next, transport));
        }

        return offers;
    }

    // A bundle is answered by a bundle; who sends single frames may not know another way.
    private ValueTask AnswerAsync(IReadOnlyList<HandOverFrame> answers) => channel.SendAsync(
        answers.Count == 1
            ? answers[0].ToBytes() : HandOverBundle.ToBytes([.. answers.Select(static answer => answer.ToBytes())]),
        [],
        CancellationToken.None);

    [LoggerMessage(EventId = 120, EventName = "HandOverChannelBroken", Level = LogLevel.Warning,
        Message = "The channel from the previous generation broke; what it had not handed over stays with it.")]
    private partial void LogChannelBroken(Exception error);
}
