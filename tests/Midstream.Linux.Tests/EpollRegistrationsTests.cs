using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Midstream.Linux.Tests;

public sealed class EpollRegistrationsTests
{
    [Fact]
    public async Task Remove_SocketOfTheRuntime_LeavesItsEpollSet()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var server = await listener.AcceptSocketAsync();
        // A receive that has to wait is what makes the runtime register the socket.
        var receive = server.ReceiveAsync(new byte[1]);
        await client.GetStream().WriteAsync(new byte[1]);
        await receive.WaitAsync(Scene.Deadline);
        var registrations = new EpollRegistrations();
        Assert.True(IsWatched(server.SafeHandle));
        Assert.Equal(1, registrations.Remove(server.SafeHandle));
        Assert.False(IsWatched(server.SafeHandle));
        Assert.Equal(0, registrations.Remove(server.SafeHandle));
    }

    [Fact]
    public async Task Refresh_AfterANewPoller_FindsIt()
    {
        var registrations = new EpollRegistrations();
        var (first, second) = SocketPair.CreateStream();
        using var one = first;
        using var two = second;
        using (var poller = new FdPoller())
        {
            var wait = poller.WaitReadableAsync(one);
            Assert.Equal(0, registrations.Remove(one));
            registrations.Refresh();
            Assert.Equal(1, registrations.Remove(one));
            Descriptors.Write(two, "x");
            Assert.False(wait.IsCompleted);
            await poller.WaitReadableAsync(one).WaitAsync(Scene.Deadline); // A later wait registers it again.
            await wait.WaitAsync(Scene.Deadline);
        }

        Assert.Equal(0, registrations.Remove(one)); // The set is gone; a stale list does no harm.
    }

    /// <summary>Asks the kernel: /proc/self/fdinfo of an epoll descriptor lists the descriptors it watches (proc(5)).</summary>
    private static bool IsWatched(SafeHandle socket) =>
        ProcessDescriptors.LinksOf(Environment.ProcessId)
            .Where(descriptor => descriptor.Link == "anon_inode:[eventpoll]")
            .Any(epoll => File.ReadLines($"/proc/self/fdinfo/{epoll.Number}")
                .Any(line => line.StartsWith("tfd:", StringComparison.Ordinal)
                    && line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1] == $"{socket.DangerousGetHandle()}"));
}
