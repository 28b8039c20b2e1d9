using System.Net.Sockets;
using System.Text;
using Midstream.Linux.Native;

namespace Midstream.Linux.Tests;

public sealed class NotifyTests
{
    [Fact]
    public async Task ReceiveAsync_FromAProgram_TellsFieldsAndSenderAndAnswersItsBarrier()
    {
        using var scene = new Scene();
        using var listener = new NotifyListener(scene.Poller);
        var (child, _) = scene.Start(
            [CCompiler.Witness, "notify", "READY=1\nSTATUS=a=b"], new() { ["NOTIFY_SOCKET"] = listener.Address });
        var message = await listener.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline);
        Assert.Equal(child.Pid, message.SenderPid);
        Assert.Equal("1", message.Fields["READY"]);
        Assert.Equal("a=b", message.Fields["STATUS"]);
        var next = listener.ReceiveAsync();
        Assert.True((await child.Exited.WaitAsync(Scene.Deadline)).Success);
        Assert.False(next.IsCompleted);
        listener.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => next.AsTask().WaitAsync(Scene.Deadline));
    }

    [Fact]
    public async Task ReceiveAsync_HostileDatagrams_AreDroppedAndTheirDescriptorsClosed()
    {
        using var scene = new Scene();
        using var listener = new NotifyListener(scene.Poller);
        using var sender = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        await sender.ConnectAsync(new UnixDomainSocketEndPoint("\0" + listener.Address[1..]));
        using var file = File.OpenHandle("/dev/null");
        var before = Scene.DescriptorCount();
        byte[][] hostile =
        [
            [], [0, 0, 0], "no assignment"u8.ToArray(), "=nothing"u8.ToArray(), [0xFF, 0xFE, 0x0A],
            Encoding.UTF8.GetBytes("READY=1\n" + new string('x', NotifyListener.MaximumBytes)),
        ];
        var receive = listener.ReceiveAsync().AsTask();
        foreach (var datagram in hostile)
            await sender.SendAsync(datagram).WaitAsync(Scene.Deadline);
        Descriptors.SendRaw(sender.SafeHandle, 10, Enumerable.Repeat(file, 253).ToList());
        Notifier.Send("FINAL=1", listener.Address);
        var message = await receive.WaitAsync(Scene.Deadline);
        Assert.Equal("FINAL", Assert.Single(message.Fields).Key);
        Assert.Equal(Environment.ProcessId, message.SenderPid);
        Assert.InRange(Scene.DescriptorCount(), 0, before + 5);
    }

    [Fact]
    public async Task ReceiveAsync_FromAnotherUser_IsNotHeard()
    {
        // Only root can become another user; without it only the acceptance of our own user is shown, above.
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "sending as another user needs root");
        using var scene = new Scene();
        using var listener = new NotifyListener(scene.Poller);
        var receive = listener.ReceiveAsync().AsTask();
        var (child, _) = scene.Start(
            ["setpriv", "--reuid=65534", "--clear-groups", CCompiler.Witness, "notify", "READY=1"],
            new() { ["NOTIFY_SOCKET"] = listener.Address, ["PATH"] = "/usr/bin:/bin" });
        Assert.True((await child.Exited.WaitAsync(Scene.Deadline)).Success); // Even its barrier was answered.
        Notifier.Send("OURS=1", listener.Address);
        Assert.Equal("OURS", Assert.Single((await receive.WaitAsync(Scene.Deadline)).Fields).Key);
    }

    [Fact]
    public async Task ReceiveAsync_FromTheWorkersUser_IsHeard()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "sending as another user needs root");
        using var scene = new Scene();
        using var listener = new NotifyListener(scene.Poller, workersUid: 65534);
        var (child, _) = scene.Start(
            ["setpriv", "--reuid=65534", "--clear-groups", CCompiler.Witness, "notify", "READY=1"],
            new() { ["NOTIFY_SOCKET"] = listener.Address, ["PATH"] = "/usr/bin:/bin" });
        Assert.Equal(child.Pid, (await listener.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline)).SenderPid);
    }

    // How it sends: itself; by a child that waits at its barrier; by a grandchild whose parent has ended; from another session.
    [Theory]
    [InlineData("\"$W\" notify READY=1; wait", true)]
    [InlineData("exec \"$W\" notify READY=1", true)]
    [InlineData("(\"$W\" notify READY=1 & ) ; sleep 30", true)]
    [InlineData("setsid -w \"$W\" notify READY=1; wait", true)]
    [InlineData("(setsid sh -c 'sleep 0.3; \"$W\" notify READY=1' & ) ; sleep 30", false)]
    public async Task ReceiveAsync_WhenAWorkerIsNamed_HearsItAndItsOwnAlone(string script, bool isHeard)
    {
        using var scene = new Scene();
        using var listener = new NotifyListener(scene.Poller);
        var go = scene.PathOf("go");
        var (worker, _) = scene.Start(
            ["sh", "-c", $"until [ -e '{go}' ]; do sleep 0.01; done; {script}"],
            new() { ["NOTIFY_SOCKET"] = listener.Address, ["PATH"] = "/usr/bin:/bin", ["W"] = CCompiler.Witness });
        listener.HearOnly(worker.Pid);
        // A stranger, of the same user, and a process that is the worker's parent.
        var (stranger, _) = scene.Start(
            [CCompiler.Witness, "notify", "STRANGER=1"], new() { ["NOTIFY_SOCKET"] = listener.Address });
        Notifier.Send("PARENT=1", listener.Address);
        var receive = listener.ReceiveAsync().AsTask();
        Assert.True((await stranger.Exited.WaitAsync(Scene.Deadline)).Success); // Even its barrier was answered.
        await File.WriteAllTextAsync(go, "");

        if (isHeard)
            Assert.Equal("READY", Assert.Single((await receive.WaitAsync(Scene.Deadline)).Fields).Key);
        else
            await Assert.ThrowsAsync<TimeoutException>(() => receive.WaitAsync(TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public async Task Release_WithNotificationsWaiting_LeavesThemToTheNextListener()
    {
        using var scene = new Scene();
        var first = new NotifyListener(scene.Poller);
        var pending = first.ReceiveAsync().AsTask();
        var socket = first.Release();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pending.WaitAsync(Scene.Deadline));
        first.Dispose(); // Must not close what was given up.
        Notifier.Send("READY=1", first.Address);
        using var second = new NotifyListener(socket, first.Address, scene.Poller);
        var message = await second.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline);
        Assert.Equal(("1", Environment.ProcessId), (message.Fields["READY"], message.SenderPid));
        Assert.Throws<ObjectDisposedException>(() => first.Release());
    }

    [Fact]
    public async Task ReceiveAsync_Cancelled_LosesNothing()
    {
        using var scene = new Scene();
        using var listener = new NotifyListener(scene.Poller);
        using var cancellation = new CancellationTokenSource();
        var receive = listener.ReceiveAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receive.WaitAsync(Scene.Deadline));
        Notifier.Send("A=1", listener.Address);
        Assert.Equal("1", (await listener.ReceiveAsync().AsTask().WaitAsync(Scene.Deadline)).Fields["A"]);
    }

    [Fact]
    public void Send_WithDescriptors_PassesThemToTheManager()
    {
        using var scene = new Scene();
        using var manager = UnixAddress.Open(Abi.SOCK_DGRAM);
        var address = $"@midstream/test/{Guid.NewGuid():n}";
        Descriptors.Bind(manager, address);
        var (one, two) = SocketPair.CreateStream();
        using var sent = one;
        using var other = two;
        Assert.True(Notifier.Send("FDSTORE=1\nFDNAME=x", [sent], address));
        var (text, received) = Descriptors.ReceiveRaw(manager);
        Assert.Equal("FDSTORE=1\nFDNAME=x", text);
        using var copy = Assert.Single(received);
        Assert.Equal(Descriptors.LinkOf(sent), Descriptors.LinkOf(copy));
        Assert.Equal(
            Errno.EINVAL,
            Assert.Throws<LinuxException>(() => Notifier.Send("X=1", [.. Enumerable.Repeat(sent, 254)], address)).Errno);
    }

    [Fact]
    public void Send_ToNobody_ReturnsFalse()
    {
        Assert.False(Notifier.Send("READY=1", null));
        Assert.False(Notifier.Send("READY=1", ""));
        Assert.Throws<ArgumentException>(() => Notifier.Send("READY=1", "relative"));
        Assert.Equal(
            Errno.ECONNREFUSED,
            Assert.Throws<LinuxException>(() => Notifier.Send("READY=1", "@midstream/nobody/here")).Errno);
    }

    [Theory]
    [InlineData("s")]
    [InlineData("a-folder-whose-name-takes-the-path-well-beyond-the-hundred-and-seven-bytes-that-an-address-of-a-socket-holds/s")]
    public void Send_ToAPathInTheVariable_ArrivesThere(string name)
    {
        using var scene = new Scene();
        var path = scene.PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(scene.PathOf("bound")));
        File.Move(scene.PathOf("bound"), path);
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", path);
        try
        {
            Assert.True(Notifier.Send("RELOADING=1"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("NOTIFY_SOCKET", null);
        }

        var buffer = new byte[64];
        Assert.Equal("RELOADING=1", Encoding.UTF8.GetString(buffer, 0, manager.Receive(buffer)));
    }
}
