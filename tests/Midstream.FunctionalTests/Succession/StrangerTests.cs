// A process of the same user that the supervisor has not started may connect to every socket there is. It says the right things,
// sends descriptors along, and gets nothing.

using System.Globalization;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Succession;

public sealed class StrangerTests
{
    private const string Configuration = """{ "probation": { "duration_ms": 0 } }""";

    // The beginning of what every stranger does. Arguments: the folder of the service's state, the worker's process, its release.
    private const string Stranger = """
        import array, json, os, socket, sys
        state, pid, release = sys.argv[1:]
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))]

        def say(channel, message, descriptors=[]):
            channel.sendmsg([json.dumps(message).encode()], descriptors)

        def until_the_end(channel):
            said = []
            try:
                while text := channel.recv(65536):
                    said.append(json.loads(text)["type"])
            except ConnectionError:
                pass
            print("was told", said, flush=True)

        """;

    private const string ToBeTheSupervisor = Stranger + """
        operator = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        operator.connect(state + "/control.sock")
        operator.sendmsg([bytes([1, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0]) + b"\n"], rights)
        worker = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        worker.connect(state + "/workers/g1.1.sock")
        say(worker, {"type": "identify", "with_descriptors": True})
        say(worker, {"type": "drain", "timeout_ms": 1000}, rights)
        say(worker, {"type": "stop"})
        print("waits", flush=True)
        until_the_end(worker)
        """;

    private const string ToBeAWorker = Stranger + """
        def take_the_place_of(name, pid):
            path = state + "/workers/" + name + ".sock"
            if os.path.exists(path):
                os.unlink(path)
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            listener.bind(path)
            listener.listen()
            return listener, name, pid

        def answer(listener, name, pid):
            channel, _ = listener.accept()
            channel.recv(65536)
            say(channel, {"type": "socket", "listener": 1}, rights)
            say(channel, {
                "type": "identity", "pid": pid, "generation": int(name[1]), "slot": int(name[3]), "release": release,
                "hello": {"protocol": 1, "hosting": "stranger", "capabilities": ["hand-over"]},
                "is_ready": True, "gate_is_open": True, "is_draining": False})
            until_the_end(channel)

        places = [take_the_place_of("g9.9", os.getpid()), take_the_place_of("g1.1", int(pid))]
        print("waits", flush=True)
        for place in places:
            answer(*place)
        """;

    // With a barrier, as systemd-notify(1) has one. Argument: the address.
    private const string SaysReady = """
        import array, os, socket, sys
        kept, given = os.pipe()
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        address = "\0" + sys.argv[1][1:]
        notify.sendto(b"READY=1", address)
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [given]))]
        notify.sendmsg([b"BARRIER=1"], rights, 0, address)
        os.close(given)
        os.read(kept, 1)
        print("was read", flush=True)
        """;

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Connect_ToAWorkerWithoutASupervisor_IsRefusedAndChangesNothing()
    {
        using var folder = new TemporaryFolder();
        await using var first = await MidstreamService.StartAsync(
            folder, Repository.Published("tests/TestApps/Movable"), Configuration);
        await using var client = await RawConnection.ConnectAsync(first.Url);
        await AskAsync(client);
        var before = await first.StatusAsync();
        await using var stranger = Start(ToBeTheSupervisor, first, before.Workers[0].Pid, before.Release!);
        await stranger.WaitForTextAsync("waits");

        await SuccessionScene.KillAsync(before.Supervisor.Pid);
        await stranger.WaitAsync();
        await using var next = await MidstreamService.StartAsync(folder, release: null, Configuration);
        var after = await next.StatusAsync();

        Assert.Equal("was told []", stranger.Output.Trim().Split('\n')[^1]);
        Assert.Equal(before.Workers.Select(worker => worker.Pid), after.Workers.Select(worker => worker.Pid));
        Assert.Contains(
            $"Process {stranger.Pid} (uid ",
            await File.ReadAllTextAsync(Path.Combine(first.State, "tested", "logs", "worker.log")),
            StringComparison.Ordinal);
        var deployed = await next.DeployWellAsync(Repository.Published("tests/TestApps/Movable"));
        Assert.Equal(1, deployed.Connections!.Moved);
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Answer_InTheNameOfAWorker_IsNotBelieved()
    {
        using var folder = new TemporaryFolder();
        await using var first = await MidstreamService.StartAsync(
            folder, Repository.Published("tests/TestApps/Movable"), Configuration);
        var before = await first.StatusAsync();
        await SuccessionScene.KillAsync(before.Supervisor.Pid);
        await using var stranger = Start(ToBeAWorker, first, before.Workers[0].Pid, before.Release!);
        await stranger.WaitForTextAsync("waits");

        await using var next = await MidstreamService.StartAsync(folder, release: null, Configuration);
        await stranger.WaitAsync();

        Assert.Equal(["was told []", "was told []"], stranger.Output.Trim().Split('\n')[1..]);
        Assert.Contains("Another process answers on the socket of worker g1.1", next.Supervisor.Error, StringComparison.Ordinal);
        Assert.Contains($"Process {stranger.Pid} says that it is worker g9.9", next.Supervisor.Error, StringComparison.Ordinal);
        var worker = Assert.Single((await next.StatusAsync()).Workers);
        Assert.NotEqual(stranger.Pid, worker.Pid);
        await using var client = await RawConnection.ConnectAsync(first.Url);
        Assert.Contains($"{worker.Pid}", await AskAsync(client), StringComparison.Ordinal);
    }

    // What listens on a worker's NOTIFY_SOCKET is named in /proc/net/unix and in the worker's environment, for all of its user.
    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Notify_InTheNameOfAWorker_IsNotBelieved()
    {
        using var folder = new TemporaryFolder();
        var own = folder.In("own");
        // Not ready by itself; and once it is told to, by a helper that it starts.
        string[] command =
        [
            "python3", "-c", """
                import os, socket, subprocess, sys, time
                print("waits at", os.environ["NOTIFY_SOCKET"], flush=True)
                while not os.path.exists(sys.argv[1]):
                    time.sleep(0.02)
                subprocess.run([sys.executable, "-c", sys.argv[2], os.environ["NOTIFY_SOCKET"]])
                time.sleep(600)
                """,
            own, SaysReady,
        ];
        Directory.CreateDirectory(folder.In("release"));
        await File.WriteAllTextAsync(folder.In("release/content"), "");
        await using var service = MidstreamService.Launch(
            folder, folder.In("release"), Configuration, listen: null, command: command);
        await service.Supervisor.WaitForTextAsync("waits at @midstream");
        var address = service.Supervisor.Output.Split("waits at ")[1].Split('\n')[0].Trim();

        var stranger = await RunningProgram.RunAsync("python3", ["-c", SaysReady, address]);
        Assert.Equal(0, stranger.ExitCode);
        var before = await service.StatusAsync();
        await File.WriteAllTextAsync(own, "");
        await service.WaitUntilServingAsync();

        // It was taken in, and closed what came along, so it had been read by then.
        Assert.Contains("was read", stranger.Output, StringComparison.Ordinal);
        Assert.NotEqual("serving", before.State);
        Assert.Equal("serving", (await service.StatusAsync()).State);
    }

    private static async Task<string> AskAsync(RawConnection client)
    {
        await client.SendAsync("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
        return (await client.ReceiveAsync()).Body;
    }

    private static RunningProgram Start(string script, MidstreamService service, int pid, string release) => RunningProgram.Start(
        "python3", ["-c", script, Path.Combine(service.State, "tested"), pid.ToString(CultureInfo.InvariantCulture), release]);
}
