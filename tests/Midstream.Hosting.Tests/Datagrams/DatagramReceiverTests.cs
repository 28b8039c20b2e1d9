// Two processes' receivers of one socket, as at a replacement: what each takes, what it leaves, and what it waits for.

using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Midstream.Hosting.Datagrams;
using Midstream.Linux;

namespace Midstream.Hosting.Tests.Datagrams;

public sealed class DatagramReceiverTests : IDisposable
{
    private readonly FileDescriptor _shared = ListeningSocket.BindUdp(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly UdpClient _client = new();

    public DatagramReceiverTests() => _client.Connect((IPEndPoint)ListeningSocket.LocalEndPoint(_shared));

    public void Dispose()
    {
        _client.Dispose();
        _shared.Dispose();
    }

    [Fact]
    public async Task Close_WhileADatagramIsHandled_LeavesTheNextToTheNewAndWaitsForThatOne()
    {
        var (old, next) = (new Gated(), new Gated());
        using var first = Receiver(old);
        using var second = Receiver(next);
        first.Open();
        await _client.SendAsync(new byte[] { 1 });
        Assert.Equal(1, await old.Arrived.ReadAsync(Bounded.Token()));

        first.Close();
        await _client.SendAsync(new byte[] { 2 });
        var handled = first.HandledAsync(Bounded.Token());
        second.Open();

        Assert.Equal(2, await next.Arrived.ReadAsync(Bounded.Token()));
        Assert.False(handled.IsCompleted);
        old.Gate.SetResult();
        await handled;
        Assert.Equal([1], (await _client.ReceiveAsync(Bounded.Token())).Buffer);
        next.Gate.SetResult();
        Assert.Equal([2], (await _client.ReceiveAsync(Bounded.Token())).Buffer);
        Assert.False(old.Arrived.TryRead(out _));
    }

    [Fact]
    public async Task Open_AfterAClose_ReceivesWhatHasWaited()
    {
        var handler = new Gated();
        handler.Gate.SetResult();
        using var receiver = Receiver(handler);
        receiver.Open();
        receiver.Close();
        await receiver.HandledAsync(Bounded.Token());
        await _client.SendAsync(new byte[] { 3 });

        receiver.Open();

        Assert.Equal([3], (await _client.ReceiveAsync(Bounded.Token())).Buffer);
    }

    [Fact]
    public async Task Handle_ThatFails_IsFollowedByTheNext()
    {
        var handler = new Gated();
        handler.Gate.SetException(new InvalidOperationException("broken"));
        using var receiver = Receiver(handler);
        receiver.Open();

        await _client.SendAsync(new byte[] { 4 });
        await _client.SendAsync(new byte[] { 5 });

        Assert.Equal(4, await handler.Arrived.ReadAsync(Bounded.Token()));
        Assert.Equal(5, await handler.Arrived.ReadAsync(Bounded.Token()));
        receiver.Close();
        await receiver.HandledAsync(Bounded.Token());
    }

    [Fact]
    public async Task Start_WithoutASupervisor_BindsTheAddressItself()
    {
        int port;
        using (var free = ListeningSocket.BindUdp(new IPEndPoint(IPAddress.Loopback, 0)))
            port = ((IPEndPoint)ListeningSocket.LocalEndPoint(free)).Port;
        await using var application = Application($"udp://127.0.0.1:{port}");
        application.Services.GetRequiredService<Gated>().Gate.SetResult();
        await application.StartAsync(Bounded.Token());

        using var client = new UdpClient();
        client.Connect(IPAddress.Loopback, port);
        await client.SendAsync(new byte[] { 6 });

        Assert.Equal([6], (await client.ReceiveAsync(Bounded.Token())).Buffer);
        await application.StopAsync(Bounded.Token());
    }

    [Fact]
    public async Task Start_WithoutASupervisor_SaysThatANameIsNotEnough()
    {
        await using var application = Application("game");

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => application.StartAsync(Bounded.Token()));

        Assert.Contains("give its address (udp://127.0.0.1:5353), or run under", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("udp://127.0.0.1:5353", "127.0.0.1:5353")]
    [InlineData("udp://[::1]:5353/", "[::1]:5353")]
    [InlineData("UDP://*:5353", "[::]:5353")]
    [InlineData("udp://localhost:0", "127.0.0.1:0")]
    public void Parse_OfAnAddress_IsTheEndPoint(string url, string endPoint) =>
        Assert.Equal(endPoint, DatagramAddress.Parse(url).ToString());

    [Theory]
    [InlineData("udp://127.0.0.1")]
    [InlineData("udp://[::1]")]
    [InlineData("udp://example.com:5353")]
    [InlineData("udp://")]
    public void Parse_OfWhatIsNone_SaysWhatToWrite(string url) =>
        Assert.Contains("write udp://127.0.0.1:5353", Assert.Throws<FormatException>(() => DatagramAddress.Parse(url)).Message,
            StringComparison.Ordinal);

    private static WebApplication Application(string socket)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.AddDatagramHandler<Gated>(socket);
        return builder.Build();
    }

    private DatagramReceiver Receiver(IDatagramHandler handler) =>
        new("tested", _shared.Duplicate().ToSocket(), handler, concurrencyMax: 1, NullLogger.Instance);

    /// <summary>Says what has arrived, and answers with it when the gate is opened.</summary>
    private sealed class Gated : IDatagramHandler
    {
        private readonly Channel<int> _arrived = Channel.CreateUnbounded<int>();

        public ChannelReader<int> Arrived => _arrived.Reader;

        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask HandleAsync(Datagram datagram, CancellationToken cancellationToken)
        {
            _arrived.Writer.TryWrite(datagram.Bytes.Span[0]);
            await Gate.Task.WaitAsync(cancellationToken);
            await datagram.ReplyAsync(datagram.Bytes, cancellationToken);
        }
    }
}
