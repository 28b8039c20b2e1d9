// A supervisor runs for years: what a deployment takes of descriptors, threads, memory and files it gives back.

using System.Globalization;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Resources;

public sealed class SupervisorResourcesTests(ITestOutputHelper output)
{
    private const int WarmUpDeployments = 10;
    private const int Connections = 10;
    private const int LongestMs = 8 * 60 * 1000;
    private const long IdleMemoryMaxKiB = 40 * 1024;
    private const long GrowthMaxKiB = 12 * 1024;
    private const int CloseOnExec = 0x80000; // O_CLOEXEC, 02000000 in octal, as fdinfo writes it (proc(5)).
    private static readonly int s_deployments = int.Parse(
        Environment.GetEnvironmentVariable("MIDSTREAM_TEST_DEPLOYMENTS") ?? "40", CultureInfo.InvariantCulture);

    private const string NoProbation = """{ "probation": { "duration_ms": 0 } }""";

    [Fact(Timeout = LongestMs)]
    public async Task Deploy_ManyTimes_LeavesNothingBehind()
    {
        using var folder = new TemporaryFolder();
        var echo = Repository.Published("tests/TestApps/Echo");
        string[] releases = [folder.MakeRelease(echo, "a"), folder.MakeRelease(echo, "b")];
        await using var service = await MidstreamService.StartAsync(folder, releases[0], NoProbation);
        var supervisor = service.Supervisor.Pid;
        var idleKiB = Processes.Status(supervisor, "VmRSS");
        var backlog = await ReadBacklogAsync(service.Url.Port);
        var connections = await ConnectAsync(service.Url);

        await DeployAsync(service, releases, from: 1, to: WarmUpDeployments);
        var before = Measure(supervisor);
        await DeployAsync(service, releases, from: WarmUpDeployments + 1, to: s_deployments);
        // The last answer's connection may still be on its way out.
        await Waiting.UntilAsync(
            () => Measure(supervisor).Descriptors <= before.Descriptors, "the supervisor's descriptors to be given back");
        var after = Measure(supervisor);

        output.WriteLine($"idle {idleKiB} KiB; after {WarmUpDeployments}: {before}; after {s_deployments}: {after}");
        Assert.True(idleKiB < IdleMemoryMaxKiB, $"{idleKiB} KiB when idle");
        Assert.True(after.MemoryKiB - before.MemoryKiB < GrowthMaxKiB, $"{before} became {after}");
        Assert.InRange(after.Threads, 1, before.Threads + 2);
        Assert.Equal(backlog, await ReadBacklogAsync(service.Url.Port));
        AssertEveryDescriptorClosesOnExec(supervisor);
        await AssertOneChildAsync(service);
        AssertStateDirectory(Path.Combine(service.State, "tested"));
        await AssertServedAsync(connections);
    }

    private static async Task DeployAsync(MidstreamService service, string[] releases, int from, int to)
    {
        for (var number = from; number <= to; number++)
        {
            var result = await service.DeployWellAsync(releases[number % 2]);
            Assert.Equal(Connections, result.Connections!.Moved);
        }
    }

    private static async Task<RawConnection[]> ConnectAsync(Uri url)
    {
        var connections = new RawConnection[Connections];
        for (var number = 0; number < Connections; number++)
        {
            connections[number] = await RawConnection.ConnectAsync(url);
            Assert.Equal(200, (await connections[number].AskAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n")).Status);
        }

        return connections;
    }

    // Closed by the server after a response larger than any buffer: with the linger option that a careless disposal leaves on
    // a shared listener (socket(7), SO_LINGER) the end would be cut off by a reset.
    private static async Task AssertServedAsync(RawConnection[] connections)
    {
        const int Size = 8 * 1024 * 1024;
        foreach (var connection in connections)
        {
            var answer = await connection.AskAsync($"GET /big?bytes={Size} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
            Assert.Equal(Size, answer.Body.Length);
            Assert.True(await connection.IsEndedAsync());
            await connection.DisposeAsync();
        }
    }

    private static Figures Measure(int pid) =>
        new(Processes.Descriptors(pid).Count, Processes.Status(pid, "Threads"), Processes.Status(pid, "VmRSS"));

    // Of a listening socket, ss shows the backlog as Send-Q (ss(8)).
    private static async Task<string> ReadBacklogAsync(int port)
    {
        var program = await RunningProgram.RunAsync("ss", ["-Hltn", $"sport = :{port}"]);
        return program.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2];
    }

    private static void AssertEveryDescriptorClosesOnExec(int pid)
    {
        // What this process had inherited it passed on, as any parent would; the supervisor keeps it from its workers.
        var inherited = Processes.Descriptors(Environment.ProcessId);
        foreach (var (number, target) in Processes.Descriptors(pid).Where(open => open.Number > 2).Except(inherited))
        {
            var flags = File.ReadLines($"/proc/{pid}/fdinfo/{number}")
                .First(line => line.StartsWith("flags:", StringComparison.Ordinal));
            var value = Convert.ToInt32(flags["flags:".Length..].Trim(), 8);
            Assert.True((value & CloseOnExec) != 0, $"descriptor {number} ({target}) would be inherited");
        }
    }

    private static async Task AssertOneChildAsync(MidstreamService service)
    {
        var serving = Assert.Single((await service.StatusAsync()).Workers);
        Assert.Equal([serving.Pid], Processes.Children(service.Supervisor.Pid));
        Assert.True(Processes.IsAlive(serving.Pid));
    }

    private static void AssertStateDirectory(string state)
    {
        Assert.Equal(
            ["control.sock", "counters.json", "ledger.jsonl", "lock", "logs", "releases", "state.json", "workers"],
            NamesIn(state));
        Assert.Equal(
            [$"g{s_deployments + 1}.1.json", $"g{s_deployments + 1}.1.sock"], NamesIn(Path.Combine(state, "workers")));
        var releases = Directory.EnumerateDirectories(Path.Combine(state, "releases")).Select(Path.GetFileName).ToArray();
        Assert.Equal(2, releases.Length);
        Assert.Equal(
            [".lock", .. releases.SelectMany(release => (string?[])[release, $"{release}.json"]).Order(StringComparer.Ordinal)],
            NamesIn(Path.Combine(state, "releases")));
        Assert.All(NamesIn(Path.Combine(state, "logs")), log => Assert.StartsWith("worker.log", log, StringComparison.Ordinal));
        Assert.Equal(s_deployments + 1, File.ReadLines(Path.Combine(state, "ledger.jsonl")).Count());
    }

    private static IEnumerable<string?> NamesIn(string folder) =>
        Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    private sealed record Figures(int Descriptors, long Threads, long MemoryKiB)
    {
        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"{Descriptors} descriptors, {Threads} threads, {MemoryKiB} KiB");
    }
}
