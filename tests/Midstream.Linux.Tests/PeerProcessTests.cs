using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Midstream.Linux.Tests;

public sealed class PeerProcessTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::")]
    public async Task AnsweredBy_Tcp_TellsTheAcceptingGroupFromOthers(string address)
    {
        using var scene = new Scene();
        using var listener = ListeningSocket.BindTcp(new IPEndPoint(IPAddress.Parse(address), 0), 16);
        var port = ((IPEndPoint)ListeningSocket.LocalEndPoint(listener)).Port;
        using var client = new TcpClient(address == "::1" ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork);
        await client.ConnectAsync(address == "::1" ? IPAddress.IPv6Loopback : IPAddress.Loopback, port);
        await AcceptsAsync(scene, listener, client.Client.SafeHandle);
    }

    [Fact]
    public async Task AnsweredBy_Unix_TellsTheAcceptingGroupFromOthers()
    {
        using var scene = new Scene();
        var path = scene.PathOf("s");
        using var listener = ListeningSocket.BindUnix(path, 16, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var client = UnixSocketPath.Connect(path);
        await AcceptsAsync(scene, listener, client);
    }

    private static async Task AcceptsAsync(Scene scene, FileDescriptor listener, SafeHandle client)
    {
        Assert.Null(PeerProcess.AnsweredBy(client, Environment.ProcessId));
        var other = await scene.StartUntilAsync("waiting", [CCompiler.Witness, "wait"], listener);
        var server = await scene.StartUntilAsync("accepted", [CCompiler.Witness, "serve"], listener);
        Assert.True(PeerProcess.AnsweredBy(client, server.Pid));
        Assert.False(PeerProcess.AnsweredBy(client, other.Pid));
        server.Signal(Signal.SIGKILL);
        await server.Exited.WaitAsync(Scene.Deadline);
        Assert.NotEqual(true, PeerProcess.AnsweredBy(client, server.Pid));
    }
}
