// The worker protocol over real sockets: what arrives, and what is passed over without harm.

using System.Text;
using System.Text.Json;
using Midstream.Control.Workers;
using Midstream.Linux;

namespace Midstream.Control.Tests;

public sealed class WorkerChannelTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly FdPoller _poller = new();
    private readonly CancellationTokenSource _bound = new(s_patience);
    private readonly WorkerChannel _channel;
    private readonly SeqPacketChannel _peer;

    public WorkerChannelTests()
    {
        var (local, remote) = SeqPacketChannel.CreatePair(_poller);
        _peer = local;
        _channel = new WorkerChannel(new SeqPacketChannel(remote, _poller));
    }

    public static TheoryData<int> EveryMessage => [.. Enumerable.Range(0, Samples.WorkerMessages.Count)];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _peer.DisposeAsync();
        _poller.Dispose();
        _bound.Dispose();
    }

    [Fact]
    public void Samples_OfMessages_AreAllThereAre() => Assert.Equal(
        typeof(WorkerMessage).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(WorkerMessage))).ToHashSet(),
        Samples.WorkerMessages.Select(sample => sample.GetType()).ToHashSet());

    [Fact]
    public async Task Send_OfEveryMessage_IsAsApproved()
    {
        var lines = new List<string>();
        foreach (var message in Samples.WorkerMessages)
            lines.Add(await WireOfAsync(message));

        Wire.Verify("worker-messages", lines);
    }

    [Theory]
    [MemberData(nameof(EveryMessage))]
    public async Task Receive_OfWhatWasSent_IsTheSame(int index)
    {
        var wire = await WireOfAsync(Samples.WorkerMessages[index]);
        await SayAsync(wire);

        using var received = await ReceiveAsync();

        Assert.IsType(Samples.WorkerMessages[index].GetType(), received!.Message);
        Assert.Equal(wire, await WireOfAsync(received.Message));
    }

    [Theory]
    [MemberData(nameof(EveryMessage))]
    public async Task Receive_FromANewerPeer_IgnoresWhatItDoesNotKnow(int index)
    {
        var wire = await WireOfAsync(Samples.WorkerMessages[index]);
        await SayAsync(wire[..^1] + ""","since_2030":{"deep":[1,"two",null]}}""");

        using var received = await ReceiveAsync();

        Assert.Equal(wire, await WireOfAsync(received!.Message));
    }

    [Fact]
    public async Task Receive_FromAnOlderPeerWithoutAMember_IsRead()
    {
        await SayAsync("""{"type":"hello","hosting":"0.1.0","capabilities":["hand-over"]}""");

        using var received = await ReceiveAsync();

        var hello = Assert.IsType<HelloMessage>(received!.Message);
        Assert.Equal((0, null), (hello.Protocol, hello.HoldsLease));
    }

    [Fact]
    public async Task Receive_WithTheTypeLast_IsRead()
    {
        await SayAsync("""{"timeout_ms":250,"type":"drain"}""");

        using var received = await ReceiveAsync();

        Assert.Equal(new DrainMessage(250), received!.Message);
    }

    [Theory]
    [InlineData("""{"type":"explode"}""")]
    [InlineData("""{"type":7}""")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("ready")]
    [InlineData("""{"type":"drain","timeout_ms":"long"}""")]
    [InlineData("""{"type":"drain","timeout_ms":99999999999999999999}""")]
    [InlineData("""{"type":"hello","protocol":1}""")]
    [InlineData("""{"type":"hello","protocol":1,"hosting":"1","capabilities":null}""")]
    [InlineData("""{"type":"failed"}""")]
    [InlineData("""{"type":"drained"}""")]
    [InlineData("""{"type":"report","report":null}""")]
    [InlineData("""{"type":"identity"}""")]
    [InlineData("""{"type":"identity","hello":{},"release":"1"}""")]
    [InlineData("\0")]
    public async Task Receive_OfWhatItDoesNotUnderstand_PassesItOver(string wire)
    {
        await SayAsync(wire);
        await SayAsync("""{"type":"stop"}""");

        using var received = await ReceiveAsync();

        Assert.IsType<StopMessage>(received!.Message);
    }

    [Fact]
    public async Task Receive_OfAnUnknownMessageWithADescriptor_ClosesTheDescriptor()
    {
        var (kept, given) = SocketPair.CreateStream();
        using var ours = kept.ToSocket();
        using (given)
            await _peer.SendAsync("""{"type":"explode"}"""u8.ToArray(), [given], _bound.Token);
        await SayAsync("""{"type":"stop"}""");

        using var received = await ReceiveAsync();

        Assert.Equal(0, await ours.ReceiveAsync(new byte[1], _bound.Token));
    }

    [Fact]
    public async Task Send_WithADescriptor_GivesItToTheReceiverForGood()
    {
        var (kept, given) = SocketPair.CreateStream();
        using var ours = kept.ToSocket();
        await using var sender = new WorkerChannel(_peer);
        using (given)
            await sender.SendAsync(new ConnectMessage(2), [given], _bound.Token);

        var received = await ReceiveAsync();
        using var taken = received!.TakeDescriptor()!.ToSocket();
        received.Dispose();

        await taken.SendAsync("here"u8.ToArray(), _bound.Token);
        var buffer = new byte[4];
        Assert.Equal(4, await ours.ReceiveAsync(buffer, _bound.Token));
        Assert.Equal("here"u8.ToArray(), buffer);
    }

    [Fact]
    public async Task TakeDescriptor_OfAMessageWithout_IsNull()
    {
        await SayAsync("""{"type":"activate"}""");

        using var received = await ReceiveAsync();

        Assert.Null(received!.TakeDescriptor());
    }

    [Fact]
    public async Task Receive_WhenThePeerIsGone_IsNullAfterItsLastMessage()
    {
        await SayAsync("""{"type":"ready"}""");
        await _peer.DisposeAsync();

        using var last = await ReceiveAsync();

        Assert.IsType<ReadyMessage>(last!.Message);
        Assert.Null(await ReceiveAsync());
    }

    [Fact]
    public async Task Send_WhenThePeerIsGone_SaysSo()
    {
        await _peer.DisposeAsync();

        await Assert.ThrowsAsync<ChannelClosedException>(async () => await _channel.SendAsync(new ReadyMessage(), _bound.Token));
    }

    private async Task<string> WireOfAsync(WorkerMessage message)
    {
        await _channel.SendAsync(message, _bound.Token);
        using var packet = await _peer.ReceiveAsync(_bound.Token);
        var text = Encoding.UTF8.GetString(packet!.Payload.Span);
        using var valid = JsonDocument.Parse(text);
        return text;
    }

    private ValueTask SayAsync(string wire) => _peer.SendAsync(Encoding.UTF8.GetBytes(wire), [], _bound.Token);

    private ValueTask<ReceivedWorkerMessage?> ReceiveAsync() => _channel.ReceiveAsync(_bound.Token);
}
