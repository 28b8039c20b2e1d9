// What "limits" says of a worker, with the real program as root: it is so in the worker, it stays so through deployments and the
// supervisor's death, and what cannot be is an error.

using Midstream.FunctionalTests.Faults;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Limits;

public sealed class LimitsTests
{
    private const int LongestMs = 2 * 60 * 1000;

    private const string All = """
        { "probation": { "duration_ms": 50 }, "environment": { "SAID": "so" },
          "limits": { "user": "nobody", "nice": 3, "umask": "0027", "open_files_max": 3000, "working_directory": "/usr" } }
        """;

    private const UnixFileMode OthersMayEnter =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute;

    [Fact(Timeout = LongestMs)]
    public async Task Run_WithEveryLimit_WorkerHasThemThroughDeploymentAndTakeOver()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Another user needs root.");
        using var folder = OpenFolder();
        await using var service = await MidstreamService.StartAsync(folder, folder.Working("first"), All);
        await using var load = await SteadyLoad.StartAsync(service.Url);

        AssertLimited(await WorkerAsync(service));
        await service.DeployWellAsync(folder.Working("second"));
        var worker = await WorkerAsync(service);
        AssertLimited(worker);
        service.Supervisor.Signal("KILL");
        await service.Supervisor.WaitAsync();
        // On the port that the sockets have by now, with nothing else said.
        await using var next = await MidstreamService.StartAsync(folder, null, All);

        Assert.Equal(worker, await WorkerAsync(next));
        await next.DeployWellAsync(folder.Working("third"));
        AssertLimited(await WorkerAsync(next));
        await load.EndWithoutLossAsync();
    }

    [Fact(Timeout = LongestMs)]
    public async Task Run_AsAnotherUser_LetsItReachTheReleasesAndNothingElse()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Another user needs root.");
        using var folder = OpenFolder();
        await using var service = await MidstreamService.StartAsync(
            folder, folder.Working("first"), """{ "limits": { "user": "nobody" } }""");
        var state = Path.Combine(service.State, "tested");
        string[] closed = ["state.json", "ledger.jsonl", "logs/worker.log", "workers/g1.1.json"];

        Assert.NotEqual(0, await AsNobodyAsync("ls", state));
        Assert.NotEqual(0, await AsNobodyAsync("ls", Path.Combine(state, "releases")));
        Assert.All(closed, file => Assert.True(File.Exists(Path.Combine(state, file)), file));
        foreach (var file in closed)
            Assert.True(await AsNobodyAsync("cat", Path.Combine(state, file)) != 0, file);
        Assert.Equal(0, await AsNobodyAsync("ls", Path.Combine(state, "releases", (await service.StatusAsync()).Release!)));
    }

    [Theory(Timeout = LongestMs)]
    [InlineData(""" "user": "nobody" """, "cannot enter FOLDER")]
    [InlineData(""" "user": "nobody-at-all" """, "nobody-at-all")]
    [InlineData(""" "working_directory": "/nowhere/at/all" """, "/nowhere/at/all")]
    public async Task Run_WithALimitThatCannotBe_SaysWhichAndDoesNotStart(string limit, string message)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Another user needs root.");
        using var folder = new TemporaryFolder();
        await using var service = MidstreamService.Launch(folder, folder.Working("first"), $$"""{ "limits": { {{limit}} } }""");

        var ended = await service.Supervisor.WaitAsync();

        Assert.NotEqual(0, ended.ExitCode);
        Assert.Contains(message.Replace("FOLDER", folder.Path, StringComparison.Ordinal), ended.Error, StringComparison.Ordinal);
    }

    [Fact(Timeout = LongestMs)]
    public async Task Memory_PastItsLimit_ReplacesTheWorkerWithoutLoss()
    {
        await using var scene = await Scene.StartAsync(
            """{ "probation": { "duration_ms": 50 }, "limits": { "memory_max_bytes": 400000000 } }""");
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);
        using var http = new HttpClient();

        using var grown = await http.PostAsync(new Uri(scene.Service.Url, "/grow/500"), content: null);
        var status = await scene.Service.WaitForStatusAsync(
            now => now.Operation is null && now.Workers is [{ State: "serving" } worker] && worker.Pid != scene.First.Pid);

        await load.EndWithoutLossAsync();
        Assert.True(grown.IsSuccessStatusCode);
        Assert.Equal(scene.First.Release, status.Release);
        Assert.Contains("limits.memory_max_bytes is 400000000", scene.Service.Supervisor.Error, StringComparison.Ordinal);
        await scene.AssertNothingLeftAsync();
    }

    private static TemporaryFolder OpenFolder()
    {
        var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, OthersMayEnter);
        return folder;
    }

    private static async Task<int> WorkerAsync(MidstreamService service) =>
        Assert.Single((await service.WaitForStatusAsync(status => status.Operation is null)).Workers).Pid;

    private static async Task<int> AsNobodyAsync(params string[] command)
    {
        string[] nobody = ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"];
        return (await RunningProgram.RunAsync("setpriv", [.. nobody, .. command])).ExitCode;
    }

    private static void AssertLimited(int pid)
    {
        var status = File.ReadAllText($"/proc/{pid}/status");
        var priority = File.ReadAllText($"/proc/{pid}/stat").Split(") ")[1].Split(' ')[16];
        Assert.Contains("\nUid:\t65534\t65534\t65534\t65534\n", status, StringComparison.Ordinal);
        Assert.Contains("\nGid:\t65534\t65534\t65534\t65534\n", status, StringComparison.Ordinal);
        Assert.Contains("\nUmask:\t0027\n", status, StringComparison.Ordinal);
        Assert.Equal("3", priority);
        Assert.Matches(@"Max open files +3000 +3000 ", File.ReadAllText($"/proc/{pid}/limits"));
        Assert.Equal("/usr", new FileInfo($"/proc/{pid}/cwd").LinkTarget);
        Assert.Contains("\0SAID=so\0", File.ReadAllText($"/proc/{pid}/environ"), StringComparison.Ordinal);
        Assert.Contains("\0USER=nobody\0", File.ReadAllText($"/proc/{pid}/environ"), StringComparison.Ordinal);
    }
}
