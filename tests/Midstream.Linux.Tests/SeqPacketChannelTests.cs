using System.Runtime.InteropServices;
using System.Text;

namespace Midstream.Linux.Tests;

public sealed class SeqPacketChannelTests
{
    [Fact]
    public async Task SendAsync_MessageAndDescriptors_ArriveWholeWithCloseOnExec()
    {
        using var scene = new Scene();
        await using var pair = new ChannelPair(scene);
        var (first, second) = SocketPair.CreateStream();
        using var end = second;
        await pair.Local.SendAsync("hello"u8.ToArray(), [first, first]);
        first.Dispose();
        using var message = await pair.Remote.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline);
        Assert.Equal("hello", Encoding.UTF8.GetString(message!.Payload.Span));
        Assert.Equal(2, message.Descriptors.Count);
        Assert.All(message.Descriptors, descriptor => Assert.True(Descriptors.IsCloseOnExec(descriptor)));
        using var taken = message.Take(1);
        Descriptors.Write(taken, "through");
        Assert.Equal("through", Descriptors.ReadText(end));
        var untaken = message.Descriptors[0].Number;
        message.Dispose();
        Assert.False(Descriptors.IsOpen(untaken));
        Assert.True(Descriptors.IsOpen(taken.Number));
        Assert.Throws<InvalidOperationException>(() => message.Take(1));
    }

    [Fact]
    public async Task SendAsync_LargestMessageWithMostDescriptors_Arrives()
    {
        using var scene = new Scene();
        await using var pair = new ChannelPair(scene);
        using var file = File.OpenHandle("/dev/null");
        var payload = new byte[SeqPacketChannel.MaximumMessageBytes];
        Random.Shared.NextBytes(payload);
        await pair.Local.SendAsync(payload, Enumerable.Repeat<SafeHandle>(file, SeqPacketChannel.MaximumDescriptors).ToList());
        using var message = await pair.Remote.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline);
        Assert.Equal(payload, message!.Payload.ToArray());
        Assert.Equal(SeqPacketChannel.MaximumDescriptors, message.Descriptors.Count);
    }

    [Fact]
    public async Task SendAsync_BeyondTheLimits_IsRefused()
    {
        using var scene = new Scene();
        await using var pair = new ChannelPair(scene);
        using var file = File.OpenHandle("/dev/null");
        var tooMany = Enumerable.Repeat<SafeHandle>(file, SeqPacketChannel.MaximumDescriptors + 1).ToList();
        await Assert.ThrowsAsync<ArgumentException>(
            () => pair.Local.SendAsync(new byte[SeqPacketChannel.MaximumMessageBytes + 1]).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => pair.Local.SendAsync(new byte[1], tooMany).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => pair.Local.SendAsync(ReadOnlyMemory<byte>.Empty).AsTask());
    }

    [Theory]
    [InlineData(10, SeqPacketChannel.MaximumDescriptors + 1)]
    [InlineData(10, 253)]
    [InlineData(SeqPacketChannel.MaximumMessageBytes + 1, 3)]
    public async Task ReceiveAsync_MessageBeyondTheLimits_IsReportedAndItsDescriptorsClosed(int bytes, int descriptors)
    {
        using var scene = new Scene();
        await using var pair = new ChannelPair(scene);
        using var file = File.OpenHandle("/dev/null");
        using var raw = pair.LocalEnd.Duplicate();
        var before = Scene.DescriptorCount();
        Descriptors.SendRaw(raw, bytes, Enumerable.Repeat<SafeHandle>(file, descriptors).ToList());
        await Assert.ThrowsAsync<ChannelMessageException>(
            () => pair.Remote.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline));
        Assert.InRange(Scene.DescriptorCount(), 0, before + 2); // The runtime may open one or two of its own meanwhile.
        await pair.Local.SendAsync("next"u8.ToArray());
        using var next = await pair.Remote.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline);
        Assert.Equal(4, next!.Payload.Length);
    }

    [Fact]
    public async Task ReceiveAsync_NoDescriptorLeft_IsReportedAndTheChannelGoesOn()
    {
        using var scene = new Scene();
        await using var pair = new ChannelPair(scene);
        using var file = File.OpenHandle("/dev/null");
        await pair.Local.SendAsync("x"u8.ToArray(), [file]);
        using (ResourceLimit.OnNewDescriptors())
            await Assert.ThrowsAsync<ChannelMessageException>(() => pair.Remote.ReceiveAsync().AsTask());
        await pair.Local.SendAsync("x"u8.ToArray(), [file]);
        using var next = await pair.Remote.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline);
        Assert.Single(next!.Descriptors);
    }

    [Fact]
    public async Task ReceiveAsync_PeerClosed_ReturnsTheRestThenNull()
    {
        using var scene = new Scene();
        await using var pair = new ChannelPair(scene);
        await pair.Local.SendAsync("last"u8.ToArray());
        await pair.Local.DisposeAsync();
        using var last = await pair.Remote.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline);
        Assert.NotNull(last);
        Assert.Null(await pair.Remote.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline));
    }

    [Fact]
    public async Task ReceiveAsync_PeerClosedWithOurMessagesUnread_ReturnsTheRestThenNull()
    {
        using var scene = new Scene();
        await using var pair = new ChannelPair(scene);
        await pair.Local.SendAsync("first"u8.ToArray());
        await pair.Local.SendAsync("last"u8.ToArray());
        await pair.Remote.SendAsync("never read"u8.ToArray());
        await pair.Local.DisposeAsync();
        foreach (var text in (string[])["first", "last"])
        {
            using var message = await pair.Remote.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline);
            Assert.Equal(text, Encoding.UTF8.GetString(message!.Payload.Span));
        }

        Assert.Null(await pair.Remote.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline));
    }

    [Fact]
    public async Task ReceiveAsync_PeerClosedWithOurMessagesUnread_ReturnsNull()
    {
        using var scene = new Scene();
        await using var pair = new ChannelPair(scene);
        await pair.Remote.SendAsync("never read"u8.ToArray());
        await pair.Local.DisposeAsync();
        Assert.Null(await pair.Remote.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline));
    }

    [Fact]
    public async Task SendAsync_PeerClosed_ThrowsChannelClosed()
    {
        using var scene = new Scene();
        await using var pair = new ChannelPair(scene);
        await pair.Remote.DisposeAsync();
        await Assert.ThrowsAsync<ChannelClosedException>(() => pair.Local.SendAsync("x"u8.ToArray()).AsTask());
    }

    [Fact]
    public async Task SendAsync_PeersQueueFull_WaitsAndKeepsTheOrder()
    {
        using var scene = new Scene();
        await using var pair = new ChannelPair(scene);
        const int Count = 200;
        var senders = Task.Run(async () =>
        {
            for (var i = 0; i < Count; i++)
                await pair.Local.SendAsync(Numbered(i));
        });
        using var blocked = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => senders.WaitAsync(blocked.Token));
        for (var i = 0; i < Count; i++)
        {
            using var message = await pair.Remote.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline);
            Assert.Equal(i, BitConverter.ToInt32(message!.Payload.Span));
        }

        await senders.WaitAsync(Scene.Deadline);

        static byte[] Numbered(int number)
        {
            var message = new byte[32 * 1024];
            BitConverter.TryWriteBytes(message, number);
            return message;
        }
    }

    [Fact]
    public async Task SendAsync_CancelledWhileTheQueueIsFull_WasNotSent()
    {
        using var scene = new Scene();
        await using var pair = new ChannelPair(scene);
        using var cancellation = new CancellationTokenSource();
        var sent = 0;
        var send = Task.Run(async () =>
        {
            while (true)
            {
                await pair.Local.SendAsync(new byte[32 * 1024], null, cancellation.Token);
                Interlocked.Increment(ref sent);
            }
        });
        await Assert.ThrowsAsync<TimeoutException>(() => send.WaitAsync(TimeSpan.FromMilliseconds(200)));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => send.WaitAsync(Scene.Deadline));
        await pair.Local.DisposeAsync();
        var received = 0;
        while (await pair.Remote.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline) is not null)
            received++;
        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task SendAsync_FromManySenders_ArrivesEachOnce()
    {
        using var scene = new Scene();
        await using var pair = new ChannelPair(scene);
        var senders = Enumerable.Range(0, 100).Select(i => pair.Local.SendAsync(BitConverter.GetBytes(i)).AsTask()).ToList();
        var received = new HashSet<int>();
        for (var i = 0; i < 100; i++)
        {
            using var message = await pair.Remote.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline);
            received.Add(BitConverter.ToInt32(message!.Payload.Span));
        }

        await Task.WhenAll(senders).WaitAsync(Scene.Deadline);
        Assert.Equal(100, received.Count);
    }

    [Fact]
    public async Task ReceiveAsync_TwoAtOnce_RefusesTheSecond()
    {
        using var scene = new Scene();
        await using var pair = new ChannelPair(scene);
        var first = pair.Local.ReceiveAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => pair.Local.ReceiveAsync().AsTask());
        await pair.Remote.SendAsync("x"u8.ToArray());
        using var message = await first.AsTask().WaitAsync(Scene.Deadline);
    }

    [Fact]
    public async Task DisposeAsync_WithPendingReceive_EndsItAndCloses()
    {
        using var scene = new Scene();
        await using var pair = new ChannelPair(scene);
        var number = pair.LocalEnd.Number;
        var receive = pair.Local.ReceiveAsync().AsTask();
        await pair.Local.DisposeAsync().AsTask().WaitAsync(Scene.Deadline);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => receive.WaitAsync(Scene.Deadline));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pair.Local.SendAsync("x"u8.ToArray()).AsTask());
        Assert.False(Descriptors.IsOpen(number));
    }

    [Fact]
    public async Task RoundTrips_AThousandWithDescriptors_LeaveTheDescriptorCountFlat()
    {
        using var scene = new Scene();
        await using var pair = new ChannelPair(scene);
        using var file = File.OpenHandle("/dev/null");
        var before = Scene.DescriptorCount();
        for (var i = 0; i < 1_000; i++)
        {
            await pair.Local.SendAsync("ping"u8.ToArray(), [file, file]);
            using var ping = await pair.Remote.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline);
            await pair.Remote.SendAsync("pong"u8.ToArray(), [ping!.Descriptors[0]]);
            using var pong = await pair.Local.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline);
            Assert.Single(pong!.Descriptors);
        }

        Assert.InRange(Scene.DescriptorCount(), 0, before + 5);
    }

    [Fact]
    public async Task Peer_OfAPair_IsTheProcessThatMadeIt()
    {
        using var scene = new Scene();
        await using var pair = new ChannelPair(scene);
        Assert.Equal(Environment.ProcessId, pair.Remote.Peer.Pid);
    }

    private sealed class ChannelPair : IAsyncDisposable
    {
        internal ChannelPair(Scene scene)
        {
            var (local, remote) = SeqPacketChannel.CreateDescriptorPair();
            LocalEnd = local;
            Local = new SeqPacketChannel(local, scene.Poller);
            Remote = new SeqPacketChannel(remote, scene.Poller);
        }

        internal FileDescriptor LocalEnd { get; }

        internal SeqPacketChannel Local { get; }

        internal SeqPacketChannel Remote { get; }

        public async ValueTask DisposeAsync()
        {
            await Local.DisposeAsync();
            await Remote.DisposeAsync();
        }
    }
}
