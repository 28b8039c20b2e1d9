// The taking end, with a real Kestrel behind it: what it takes is served, what it refuses is untouched, and no frame, however
// hostile, ends it in another way than by closing the channel, or leaves a descriptor open.

using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Midstream.Control.HandOver;
using Midstream.Hosting.HandOver;
using Midstream.Linux;

namespace Midstream.Hosting.Tests;

public sealed class HandOverReceiverTests : IAsyncLifetime
{
    private readonly FdPoller _poller = new();
    private KestrelScene _scene = null!;
    private HandOverSender _sender = null!;
    private Task<long> _taking = null!;

    public async ValueTask InitializeAsync()
    {
        _scene = await KestrelScene.StartAsync(AnswerLengthAsync);
        var (sending, receiving) = SeqPacketChannel.CreateDescriptorPair();
        _sender = new HandOverSender(new SeqPacketChannel(sending, _poller), static () => { });
        _taking = Receive(receiving);
    }

    public async ValueTask DisposeAsync()
    {
        await _sender.DisposeAsync();
        await _taking.WaitAsync(Bounded.Patience);
        await _scene.DisposeAsync();
        _poller.Dispose();
    }

    [Fact]
    public async Task Offer_OfAConnection_IsAcceptedAndServedFromItsUnreadBytesOn()
    {
        var (client, connection) = Connected();
        using var _ = client;

        Assert.Equal(OfferOutcome.Accepted, await OfferAsync(connection, "POST / HTTP/1.1\r\nHost: tested\r\nConte"u8.ToArray()));
        connection.Dispose();
        await KestrelScene.SendAsync(client, "nt-Length: 5\r\n\r\n12345");

        await KestrelScene.ReadUntilAsync(client, "\r\n\r\nlength 5.");
    }

    [Fact]
    public async Task Offer_WithManyUnreadBytes_IsServedWithAllOfThem()
    {
        const int BodyLength = 3 * HandOverFrame.InlineMax;
        var (client, connection) = Connected();
        using var _ = client;
        byte[] unread = [.. "POST / HTTP/1.1\r\nHost: tested\r\nContent-Length: 98304\r\n\r\n"u8, .. new byte[BodyLength - 1]];

        Assert.Equal(OfferOutcome.Accepted, await OfferAsync(connection, unread));
        connection.Dispose();
        await KestrelScene.SendAsync(client, "x");

        await KestrelScene.ReadUntilAsync(client, "\r\n\r\nlength 98304.");
    }

    [Fact]
    public async Task Offer_ForAListenerThatTheApplicationDoesNotHave_IsRefusedAndUntouched()
    {
        var (client, connection) = Connected();
        using var _ = client;

        Assert.Equal(OfferOutcome.Refused, await OfferAsync(connection, [], listener: KestrelScene.ListenerId + 1));

        using var ours = connection.ToSocket();
        await KestrelScene.SendAsync(ours, "still here");
        await KestrelScene.ReadUntilAsync(client, "still here");
        await AssertServesAsync();
    }

    [Fact]
    public async Task Offer_ThatIsRefused_LeavesNoDescriptorOpen()
    {
        var (client, connection) = Connected();
        using var _ = client;
        await OfferAsync(connection, [], listener: KestrelScene.ListenerId + 1);

        connection.Dispose();

        await AssertEndsAsync(client);
    }

    [Fact]
    public async Task Offer_OfAFile_IsRefused()
    {
        using var file = MemoryFile.Create("no-connection", "text"u8);

        Assert.Equal(OfferOutcome.Refused, await OfferAsync(file, []));

        await AssertServesAsync();
    }

    [Fact]
    public async Task Offer_OfAListeningSocket_IsRefused()
    {
        using var listening = ListeningSocket.BindTcp(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0), 1);

        Assert.Equal(OfferOutcome.Refused, await OfferAsync(listening, []));

        await AssertServesAsync();
    }

    [Fact]
    public async Task Offer_OfAConnectionThatItsClientHasReset_DoesNotEndTheHandOver()
    {
        using var listening = ListeningSocket.BindTcp(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0), 1);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(ListeningSocket.LocalEndPoint(listening), Bounded.Token());
        using var acceptor = listening.Duplicate().ToSocket();
        using var accepted = await acceptor.AcceptAsync(Bounded.Token());
        using var connection = FileDescriptor.DuplicateOf(accepted.SafeHandle);
        client.Close(0);

        await OfferAsync(connection, []);

        await AssertServesAsync();
    }

    [Fact]
    public async Task Offer_WithAMemoryFileThatIsNone_IsRefused()
    {
        var (sending, receiving) = SeqPacketChannel.CreateDescriptorPair();
        await using var channel = new SeqPacketChannel(sending, _poller);
        var taking = Receive(receiving);
        var (client, connection) = Connected();
        using var _ = client;
        using var owned = connection;
        var offer = new HandOverFrame(HandOverKind.Offer, 1, KestrelScene.ListenerId, UnreadInMemoryFile: 100).ToBytes();
        using var shorter = MemoryFile.Create("shorter", new byte[99]);
        using var unsealed = File.OpenHandle(Path.Combine(AppContext.BaseDirectory, "Midstream.Hosting.dll"));

        (await channel.ReceiveAsync(Bounded.Token()))!.Dispose();
        await channel.SendAsync(offer, [connection, unsealed], Bounded.Token());
        await AssertRefusedAsync(channel);
        await channel.SendAsync(offer, [connection, connection], Bounded.Token());
        await AssertRefusedAsync(channel);
        await channel.SendAsync(offer, [connection, shorter], Bounded.Token());
        await AssertRefusedAsync(channel);
        await channel.SendAsync(offer, [connection], Bounded.Token());
        await AssertRefusedAsync(channel);
        await channel.SendAsync(offer, [], Bounded.Token());
        await AssertRefusedAsync(channel);

        await channel.DisposeAsync();
        Assert.Equal(0, await taking.WaitAsync(Bounded.Patience));
    }

    [Fact]
    public async Task Finish_AfterSomeWereTaken_EndsTheTakingWithTheirNumber()
    {
        await AssertServesAsync();
        await AssertServesAsync();

        await _sender.FinishAsync();

        Assert.Equal(2, await _taking.WaitAsync(Bounded.Patience));
    }

    [Fact]
    public async Task Receive_OfSeededRubbish_HarmsNothingAndLeaksNoDescriptor()
    {
        await AssertServesAsync();
        var random = new Random(20260402);
        await FuzzAsync(random);
        var before = Bounded.DescriptorCount();

        for (var round = 0; round < 200; round++)
            await FuzzAsync(random);

        await AssertServesAsync();
        // Connections among the rubbish were served until their client's end; the runtime lets go of one or two in its own time.
        await Bounded.UntilAsync(() => Bounded.DescriptorCount() <= before + 8, $"not more than {before} descriptors are open");
    }

    private async Task FuzzAsync(Random random)
    {
        var (sending, receiving) = SeqPacketChannel.CreateDescriptorPair();
        await using var channel = new SeqPacketChannel(sending, _poller);
        var taking = Receive(receiving);
        var (client, connection) = Connected();
        using var clientEnd = client;
        using var owned = connection;
        using var file = MemoryFile.Create("rubbish", new byte[random.Next(1, 100)]);
        try
        {
            for (var count = random.Next(1, 6); count > 0; count--)
            {
                var descriptors = Enumerable.Range(0, random.Next(0, 4))
                    .Select(_ => random.Next(2) == 0 ? file : connection).ToArray();
                await channel.SendAsync(Frame(random), descriptors, Bounded.Token());
            }
        }
        catch (ChannelClosedException)
        {
            // It has read a frame that was none, and closed the channel: that is the answer.
        }

        await channel.DisposeAsync();
        await taking.WaitAsync(Bounded.Patience);
        connection.Dispose();
        await AssertEndsAsync(client);
    }

    // The end comes when the last descriptor is closed: refused ones at once, served ones because the client has ended.
    private static async Task AssertEndsAsync(Socket client)
    {
        client.Shutdown(SocketShutdown.Send);
        try
        {
            await KestrelScene.ReadToEndAsync(client);
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Closed with bytes of ours unread: an end as well.
        }
    }

    private static byte[] Frame(Random random)
    {
        var packet = random.Next(3) > 0 ? SingleFrame(random)
            : HandOverBundle.ToBytes([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => SingleFrame(random))]);
        if (random.Next(4) == 0)
            packet[random.Next(packet.Length)] ^= (byte)(1 << random.Next(8));
        return packet;
    }

    private static byte[] SingleFrame(Random random)
    {
        var unread = new byte[random.Next(0, 30)];
        random.NextBytes(unread);
        var kind = (HandOverKind)random.Next(1, 7);
        var listener = random.Next(3) == 0 ? random.Next() : KestrelScene.ListenerId;
        return random.Next(2) == 0
            ? new HandOverFrame(kind, (uint)random.Next(), listener, unread, PassageLength: random.Next(30)).ToBytes()
            : new HandOverFrame(kind, (uint)random.Next(), listener, UnreadInMemoryFile: random.Next(1, 100)).ToBytes();
    }

    private Task<long> Receive(FileDescriptor end) =>
        new HandOverReceiver(new SeqPacketChannel(end, _poller), _scene.Transport, NullLogger.Instance).RunAsync();

    private async Task<OfferOutcome> OfferAsync(
        FileDescriptor connection, byte[] unread, int listener = KestrelScene.ListenerId) =>
        await _sender.OfferAsync(listener, connection, unread).WaitAsync(Bounded.Patience);

    private async Task AssertServesAsync()
    {
        var (client, connection) = Connected();
        using var _ = client;
        Assert.Equal(OfferOutcome.Accepted, await OfferAsync(connection, []));
        connection.Dispose();
        await KestrelScene.SendAsync(client, "GET / HTTP/1.1\r\nHost: tested\r\n\r\n");
        await KestrelScene.ReadUntilAsync(client, "\r\n\r\nlength 0.");
    }

    private static async Task AssertRefusedAsync(SeqPacketChannel channel)
    {
        using var packet = await channel.ReceiveAsync(Bounded.Token());
        Assert.NotNull(packet);
        Assert.True(HandOverFrame.TryRead(packet.Payload, out var frame));
        Assert.Equal(HandOverKind.Refused, frame.Kind);
    }

    private static (Socket Client, FileDescriptor Connection) Connected()
    {
        var (first, second) = SocketPair.CreateStream();
        return (first.ToSocket(), second);
    }

    private static async Task AnswerLengthAsync(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var text = $"length {body.Length}.";
        context.Response.ContentLength = text.Length;
        await context.Response.WriteAsync(text);
    }
}
