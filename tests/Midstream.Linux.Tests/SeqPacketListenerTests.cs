using System.Text;

namespace Midstream.Linux.Tests;

public sealed class SeqPacketListenerTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string LongFolder =
        "a-folder-whose-name-takes-the-path-well-beyond-the-hundred-and-seven-bytes-that-an-address-of-a-socket-holds";

    [Theory]
    [InlineData("s")]
    [InlineData(LongFolder + "/s")]
    public async Task AcceptAsync_OfAConnection_GivesAChannelWithItsPeer(string name)
    {
        using var scene = new Scene();
        var path = scene.PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var listener = SeqPacketListener.Bind(path, 16, OwnerOnly, scene.Poller);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));
        var accept = listener.AcceptAsync().AsTask();
        await using var client = SeqPacketListener.Connect(path, scene.Poller);
        await using var server = await accept.WaitAsync(Scene.Deadline);
        Assert.Equal(Environment.ProcessId, server.Peer.Pid);
        Assert.Equal(ProcessOwner.Uid, server.Peer.Uid);
        await client.SendAsync("one"u8.ToArray());
        await client.SendAsync("two"u8.ToArray());
        Assert.Equal("one", await ReceiveAsync(server));
        Assert.Equal("two", await ReceiveAsync(server));
        await client.DisposeAsync();
        Assert.Null(await server.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline));
    }

    [Fact]
    public async Task ReleaseAsync_WithConnectionsWaiting_LeavesThemToTheNextListener()
    {
        using var scene = new Scene();
        var path = scene.PathOf("s");
        var first = SeqPacketListener.Bind(path, 16, OwnerOnly, scene.Poller);
        var pending = first.AcceptAsync().AsTask();
        var socket = await first.ReleaseAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pending.WaitAsync(Scene.Deadline));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => first.AcceptAsync().AsTask());
        await using var client = SeqPacketListener.Connect(path, scene.Poller);
        await client.SendAsync("early"u8.ToArray());
        await using var second = new SeqPacketListener(socket, scene.Poller);
        await using var server = await second.AcceptAsync().AsTask().WaitAsync(Scene.Deadline);
        Assert.Equal("early", await ReceiveAsync(server));
    }

    [Fact]
    public async Task Bind_WhereSomebodyListens_IsRefusedUntilHeIsGone()
    {
        using var scene = new Scene();
        var path = scene.PathOf("s");
        var first = SeqPacketListener.Bind(path, 16, OwnerOnly, scene.Poller);
        Assert.Equal(
            Errno.EADDRINUSE,
            Assert.Throws<LinuxException>(() => SeqPacketListener.Bind(path, 16, OwnerOnly, scene.Poller)).Errno);
        await first.DisposeAsync();
        Assert.Equal(
            Errno.ECONNREFUSED, Assert.Throws<LinuxException>(() => SeqPacketListener.Connect(path, scene.Poller)).Errno);
        await using var second = SeqPacketListener.Bind(path, 16, OwnerOnly, scene.Poller);
    }

    [Fact]
    public async Task AcceptAsync_CancelledOrTwice_LosesNothing()
    {
        using var scene = new Scene();
        var path = scene.PathOf("s");
        await using var listener = SeqPacketListener.Bind(path, 16, OwnerOnly, scene.Poller);
        using var cancellation = new CancellationTokenSource();
        var accept = listener.AcceptAsync(cancellation.Token).AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(() => listener.AcceptAsync().AsTask());
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accept.WaitAsync(Scene.Deadline));
        await using var client = SeqPacketListener.Connect(path, scene.Poller);
        await using var server = await listener.AcceptAsync().AsTask().WaitAsync(Scene.Deadline);
    }

    [Fact]
    public async Task Release_OfAChannel_LeavesItsMessagesToTheNextOne()
    {
        using var scene = new Scene();
        var (local, remote) = SeqPacketChannel.CreatePair(scene.Poller);
        await using var peer = new SeqPacketChannel(remote, scene.Poller);
        var pending = local.ReceiveAsync().AsTask();
        var socket = await local.ReleaseAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pending.WaitAsync(Scene.Deadline));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => local.SendAsync("x"u8.ToArray()).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => local.ReleaseAsync().AsTask());
        await local.DisposeAsync(); // Must not close what was given up.
        await peer.SendAsync("late"u8.ToArray());
        await using var next = new SeqPacketChannel(socket, scene.Poller);
        Assert.Equal("late", await ReceiveAsync(next));
    }

    private static async Task<string> ReceiveAsync(SeqPacketChannel channel)
    {
        using var message = await channel.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline);
        return Encoding.UTF8.GetString(message!.Payload.Span);
    }
}
