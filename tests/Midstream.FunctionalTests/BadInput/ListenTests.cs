using System.Net;
using System.Net.Sockets;
using Midstream.FunctionalTests.Faults;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.BadInput;

/// <summary>Addresses that cannot be bound, and Unix sockets that are in the way.</summary>
public sealed class ListenTests
{
    [Fact]
    public async Task Run_PortInUse_SaysWhichAndWhatToDo()
    {
        using var folder = new TemporaryFolder();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        await using var service = MidstreamService.Launch(folder, folder.Working("first"), listen: [$"http://127.0.0.1:{port}"]);
        var program = await service.Supervisor.WaitAsync();

        Assert.Equal(1, program.ExitCode);
        Assert.Contains($"http://127.0.0.1:{port}", program.Error, StringComparison.Ordinal);
        Assert.Contains("Another process has it", program.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_SecondAddressInUse_LeavesNoSocketOfTheFirst()
    {
        using var folder = new TemporaryFolder();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var path = folder.In("first.sock");

        await using var service = MidstreamService.Launch(
            folder, folder.Working("first"), listen: [$"unix:{path}", $"http://{other.LocalEndpoint}"]);
        var program = await service.Supervisor.WaitAsync();

        Assert.Equal(1, program.ExitCode);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task Run_UnixPathOfLivingProcess_IsRefusedAndThatOneKeepsIt()
    {
        using var folder = new TemporaryFolder();
        var path = folder.In("app.sock");
        using var other = Listen(path);

        await using var service = MidstreamService.Launch(folder, folder.Working("first"), listen: [$"unix:{path}"]);
        var program = await service.Supervisor.WaitAsync();

        Assert.Equal(1, program.ExitCode);
        Assert.Contains(path, program.Error, StringComparison.Ordinal);
        Assert.Contains("Another process has it", program.Error, StringComparison.Ordinal);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(path));
    }

    [Fact]
    public async Task Run_UnixPathOfDeadProcess_IsTakenOverWithModeAndOwner()
    {
        using var folder = new TemporaryFolder();
        var path = folder.In("app.sock");
        // Closing removes the file; a process that is killed leaves it.
        await LeaveStaleAsync(path);
        var owner = Environment.IsPrivilegedProcess ? ", \"owner\": \"nobody\"" : "";

        await using var service = await MidstreamService.StartAsync(
            folder,
            folder.Working("first"),
            $$"""{ "listen": [ { "url": "unix:{{path}}", "mode": "0600"{{owner}} } ] }""",
            listen: []);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        if (Environment.IsPrivilegedProcess)
            Assert.Equal("nobody\n", (await RunningProgram.RunAsync("stat", ["--format=%U", path])).Output);
        Assert.Contains("\"pid\"", await GetAsync(path), StringComparison.Ordinal);

        await service.DisposeAsync();
        Assert.False(File.Exists(path));
    }

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        return socket;
    }

    // Bound under another name, which .NET removes, and left under this one.
    private static async Task LeaveStaleAsync(string path)
    {
        var bound = path + ".bound";
        using (Listen(bound))
            await RunningProgram.RunAsync("ln", [bound, path]);
        Assert.True(File.Exists(path));
    }

    private static async Task<string> GetAsync(string path)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        return await http.GetStringAsync(new Uri("http://localhost/"));
    }
}
