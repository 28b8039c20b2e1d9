using System.Net;
using System.Net.Sockets;

namespace Midstream.Linux.Tests;

public sealed class ListeningSocketTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public void BindTcp_PortZero_ListensNonBlockingWithCloseOnExec()
    {
        using var socket = ListeningSocket.BindTcp(new IPEndPoint(IPAddress.Loopback, 0), 16);
        var local = Assert.IsType<IPEndPoint>(ListeningSocket.LocalEndPoint(socket));
        Assert.NotEqual(0, local.Port);
        Assert.True(Descriptors.IsCloseOnExec(socket));
        Assert.True(Descriptors.IsNonBlocking(socket));
        using var client = new TcpClient();
        client.Connect(local);
    }

    [Fact]
    public void BindTcp_AnyIPv6_ServesIPv4AsWell()
    {
        using var socket = ListeningSocket.BindTcp(new IPEndPoint(IPAddress.IPv6Any, 0), 16);
        var port = ((IPEndPoint)ListeningSocket.LocalEndPoint(socket)).Port;
        using var client = new TcpClient(AddressFamily.InterNetwork);
        client.Connect(IPAddress.Loopback, port);
    }

    [Fact]
    public void BindTcp_AddressTaken_SaysWhich()
    {
        using var socket = ListeningSocket.BindTcp(new IPEndPoint(IPAddress.Loopback, 0), 16);
        var taken = (IPEndPoint)ListeningSocket.LocalEndPoint(socket);
        var failure = Assert.Throws<LinuxException>(() => ListeningSocket.BindTcp(taken, 16));
        Assert.Equal(Errno.EADDRINUSE, failure.Errno);
        Assert.StartsWith($"Cannot bind {taken}: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BindTcp_ForeignAddress_FailsAndLeaksNothing()
    {
        var before = Scene.DescriptorCount();
        for (var i = 0; i < 20; i++)
        {
            var failure = Assert.Throws<LinuxException>(
                () => ListeningSocket.BindTcp(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0), 16));
            Assert.Equal(Errno.EADDRNOTAVAIL, failure.Errno);
        }

        Assert.InRange(Scene.DescriptorCount(), 0, before + 5);
    }

    [Fact]
    public void BindUnix_NewPath_HasTheModeAndIsReached()
    {
        using var scene = new Scene();
        var path = scene.PathOf("s");
        using var socket = ListeningSocket.BindUnix(path, 16, OwnerOnly);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));
        using var client = UnixSocketPath.Connect(path);
        Assert.True(Descriptors.IsCloseOnExec(client));
        Assert.Equal(Environment.ProcessId, PeerCredentials.Of(client).Pid);
        Assert.Single(Directory.GetFileSystemEntries(scene.Folder)); // The temporary name is gone.
    }

    [Fact]
    public void BindUnix_LivingListener_IsLeftAloneAndNamed()
    {
        using var scene = new Scene();
        var path = scene.PathOf("s");
        using var living = ListeningSocket.BindUnix(path, 16, OwnerOnly);
        var failure = Assert.Throws<LinuxException>(() => ListeningSocket.BindUnix(path, 16, OwnerOnly));
        Assert.Equal(Errno.EADDRINUSE, failure.Errno);
        Assert.Contains($"A living process listens on {path}", failure.Message, StringComparison.Ordinal);
        using var client = UnixSocketPath.Connect(path);
    }

    [Fact]
    public void BindUnix_LivingListenerWithAFullQueue_IsLeftAlone()
    {
        using var scene = new Scene();
        var path = scene.PathOf("s");
        using var living = ListeningSocket.BindUnix(path, 0, OwnerOnly);
        using var queued = UnixSocketPath.Connect(path);
        Assert.Equal(
            Errno.EADDRINUSE, Assert.Throws<LinuxException>(() => ListeningSocket.BindUnix(path, 16, OwnerOnly)).Errno);
    }

    [Fact]
    public void BindUnix_LivingDatagramSocket_IsLeftAlone()
    {
        using var scene = new Scene();
        var path = scene.PathOf("s");
        using var living = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        living.Bind(new UnixDomainSocketEndPoint(path));
        Assert.Equal(
            Errno.EADDRINUSE, Assert.Throws<LinuxException>(() => ListeningSocket.BindUnix(path, 16, OwnerOnly)).Errno);
    }

    [Fact]
    public void BindUnix_StaleSocket_IsReplaced()
    {
        using var scene = new Scene();
        var path = scene.PathOf("s");
        ListeningSocket.BindUnix(path, 16, OwnerOnly).Dispose();
        Assert.Equal(Errno.ECONNREFUSED, Assert.Throws<LinuxException>(() => UnixSocketPath.Connect(path)).Errno);
        using var socket = ListeningSocket.BindUnix(path, 16, OwnerOnly);
        using var client = UnixSocketPath.Connect(path);
    }

    [Fact]
    public void BindUnix_RegularFileOrLink_IsRefusedAndKept()
    {
        using var scene = new Scene();
        var path = scene.PathOf("precious");
        File.WriteAllText(path, "data");
        File.CreateSymbolicLink(scene.PathOf("link"), path);
        foreach (var refused in new[] { path, scene.PathOf("link") })
        {
            var failure = Assert.Throws<LinuxException>(() => ListeningSocket.BindUnix(refused, 16, OwnerOnly));
            Assert.Contains("is no socket; it was left alone", failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal("data", File.ReadAllText(path));
        Assert.Equal(2, Directory.GetFileSystemEntries(scene.Folder).Length);
    }

    [Fact]
    public void BindUnix_PathBeyondTheAddress_ListensReplacesAndDetectsTheLiving()
    {
        using var scene = new Scene();
        var folder = Directory.CreateDirectory(scene.PathOf(new string('d', 200))).FullName;
        var path = Path.Combine(folder, "control.sock");
        ListeningSocket.BindUnix(path, 16, OwnerOnly).Dispose();
        using var socket = ListeningSocket.BindUnix(path, 16, OwnerOnly);
        using var client = UnixSocketPath.Connect(path);
        Assert.Equal(
            Errno.EADDRINUSE, Assert.Throws<LinuxException>(() => ListeningSocket.BindUnix(path, 16, OwnerOnly)).Errno);
        Assert.Single(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void BindUnix_FileNameTooLong_SaysSoAndLeavesNothing()
    {
        using var scene = new Scene();
        var path = scene.PathOf(new string('n', 150));
        using var socket = ListeningSocket.BindUnix(path, 16, OwnerOnly); // The name may be long: it is given by the rename.
        var failure = Assert.Throws<LinuxException>(() => UnixSocketPath.Connect(path));
        Assert.Equal(Errno.ENAMETOOLONG, failure.Errno);
    }

    [Fact]
    public void BindUnix_OwnerGiven_IsSetOrRefused()
    {
        using var scene = new Scene();
        var path = scene.PathOf("s");
        // Only root may give a file away; anybody else must be told, and nothing may be left behind.
        if (Environment.IsPrivilegedProcess)
        {
            using var socket = ListeningSocket.BindUnix(path, 16, OwnerOnly, 65534, 65534);
            Assert.Equal("65534 65534\n", CCompiler.Run("stat", "-c", "%u %g", path).Output);
            return;
        }

        Assert.Equal(
            Errno.EPERM, Assert.Throws<LinuxException>(() => ListeningSocket.BindUnix(path, 16, OwnerOnly, 0, 0)).Errno);
        Assert.Empty(Directory.GetFileSystemEntries(scene.Folder));
    }

    [Fact]
    public void IsReachedBy_APathThatWasRemovedOrReplaced_TellsTheDifference()
    {
        using var scene = new Scene();
        var path = scene.PathOf("s");
        using var socket = ListeningSocket.BindUnix(path, 16, OwnerOnly);
        Assert.True(ListeningSocket.IsReachedBy(socket, path)); // Though it was bound under another name.
        File.Move(path, path + ".moved");
        Assert.False(ListeningSocket.IsReachedBy(socket, path));
        Assert.True(ListeningSocket.IsReachedBy(socket, path + ".moved"));
        using var another = ListeningSocket.BindUnix(path, 16, OwnerOnly);
        Assert.False(ListeningSocket.IsReachedBy(socket, path));
        Assert.True(SocketAdoption.IsListeningStream(socket));
        using var file = File.OpenHandle("/dev/null");
        Assert.False(SocketAdoption.IsListeningStream(file));
    }

    [Fact]
    public void Connect_NoSuchFile_SaysWhich()
    {
        using var scene = new Scene();
        var failure = Assert.Throws<LinuxException>(() => UnixSocketPath.Connect(scene.PathOf("none")));
        Assert.Equal(Errno.ENOENT, failure.Errno);
        Assert.Contains(scene.PathOf("none"), failure.Message, StringComparison.Ordinal);
    }
}
