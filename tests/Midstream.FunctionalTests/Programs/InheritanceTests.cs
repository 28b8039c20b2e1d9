// What a program is born with: the contract of sd_listen_fds(3), word for word, and nothing of the supervisor's besides.

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Programs;

public sealed class InheritanceTests
{
    // Writes down who it is and what it was told, says that it is ready, and answers datagrams until its end.
    private const string Script = """
        echo $$ > "$REPORT/pid"
        env > "$REPORT/environment"
        python3 -c '
        import os, socket
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.sendto(b"READY=1", "\0" + os.environ["NOTIFY_SOCKET"][1:])
        '
        exec python3 -c '
        import os, select, socket
        datagrams = socket.socket(fileno=5)
        while select.select([datagrams], [], []):
            text, sender = datagrams.recvfrom(2048)
            datagrams.sendto(text + b" %d" % os.getpid(), sender)
        '
        """;

    [Fact]
    public async Task Start_OfAnyProgram_GivesItTheSocketsAsSystemdWould()
    {
        using var folder = new TemporaryFolder();
        var release = Directory.CreateDirectory(folder.In("release")).FullName;
        await File.WriteAllTextAsync(Path.Combine(release, "run.sh"), Script);
        await using var service = await MidstreamService.StartAsync(folder, release, Configuration(folder), listen: []);

        var pid = int.Parse(await File.ReadAllTextAsync(folder.In("pid")), CultureInfo.InvariantCulture);
        var environment = (await File.ReadAllLinesAsync(folder.In("environment"))).Where(line => line.Contains('=')).
            Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

        Assert.Equal((await service.StatusAsync()).Workers[0].Pid, pid);
        Assert.Equal($"{pid}", environment["LISTEN_PID"]);
        Assert.Equal("3", environment["LISTEN_FDS"]);
        Assert.Equal("web:local:datagrams", environment["LISTEN_FDNAMES"]);
        Assert.DoesNotContain("udp:", environment["ASPNETCORE_URLS"], StringComparison.Ordinal);
        Assert.StartsWith("@", environment["NOTIFY_SOCKET"], StringComparison.Ordinal);
        // Only when it answers it is the program, and not the shell before it.
        Assert.Equal($"anybody? {pid}", await AskAsync((await service.StatusAsync()).Listeners[2], "anybody?"));
        AssertDescriptors(pid, service);
    }

    private static string Configuration(TemporaryFolder folder) => $$"""
        {
          "command": ["sh", "run.sh"],
          "environment": { "REPORT": "{{folder.Path}}" },
          "listen": [
            { "url": "http://127.0.0.1:0", "name": "web" },
            { "url": "unix:{{folder.In("local.sock")}}", "name": "local" },
            { "url": "udp://127.0.0.1:0", "name": "datagrams" }
          ]
        }
        """;

    private static async Task<string> AskAsync(string url, string text)
    {
        using var client = new UdpClient();
        client.Connect(IPEndPoint.Parse(new Uri(url).Authority));
        await client.SendAsync(Encoding.ASCII.GetBytes(text));
        return Encoding.ASCII.GetString((await client.ReceiveAsync().WaitAsync(RunningProgram.Patience)).Buffer);
    }

    // Standard input, output and error, the three sockets, the control channel, the socket for the next supervisor, and the
    // reading end of its own output: all of it, and in this order.
    private static void AssertDescriptors(int pid, MidstreamService service)
    {
        var open = Processes.Descriptors(pid).OrderBy(descriptor => descriptor.Number).ToArray();
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8], open.Select(descriptor => descriptor.Number));
        Assert.StartsWith("pipe:", open[8].Target, StringComparison.Ordinal);
        Assert.All(open[3..8], descriptor => Assert.StartsWith("socket:", descriptor.Target, StringComparison.Ordinal));
        // Those that clients reach are the supervisor's own.
        var supervisors = Processes.Descriptors(service.Supervisor.Pid).Select(descriptor => descriptor.Target).ToHashSet();
        Assert.Contains(open[3].Target, supervisors);
        Assert.Contains(open[4].Target, supervisors);
        Assert.Contains(open[5].Target, supervisors);
    }
}
