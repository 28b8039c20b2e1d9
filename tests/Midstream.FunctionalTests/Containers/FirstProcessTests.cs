// The program as process 1, as in a container: orphans, TERM, the exit code, and a deployment from beside it.

using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Containers;

public sealed class FirstProcessTests
{
    private const int LongestMs = 2 * 60 * 1000;
    private const int Orphans = 20;

    // Each of the two that begin in between has lost its parent when it ends, and is in a group of its own.
    private const string ServeAmongOrphans = """
        i=0
        until [ $i = 20 ]; do (setsid sh -c 'exit 0' &); i=$((i + 1)); done
        touch 'FOLDER/left'
        exec dotnet Echo.dll
        """;

    [Fact(Timeout = LongestMs)]
    public async Task Run_WithOrphans_LeavesNoZombie()
    {
        using var folder = new TemporaryFolder();
        var release = folder.MakeRelease(
            Repository.Published("tests/TestApps/Echo"), "orphans",
            ("serve.sh", ServeAmongOrphans.Replace("FOLDER", folder.Path, StringComparison.Ordinal)));
        await using var first = await StartAsync(folder, release, """ "command": ["sh", "serve.sh"], """);

        await first.Launcher.WaitForTextAsync(" serves ");
        var more = await first.RunAsync("sh", "-c", $"for i in $(seq {Orphans}); do (sh -c 'exit 0' &); done");

        Assert.Equal(0, more.ExitCode);
        Assert.True(File.Exists(folder.In("left")));
        await Eventually.HoldsAsync(
            () => Processes.Children(first.Pid) is [var worker] && Processes.IsAlive(worker),
            () => $"Process 1 has the children {string.Join(", ", Processes.Children(first.Pid))}.");
    }

    [Fact(Timeout = LongestMs)]
    public async Task Deploy_FromBesideIt_ReplacesTheReleaseAndTermEndsAllWithCode0()
    {
        using var folder = new TemporaryFolder();
        await using var first = await StartAsync(folder, folder.Working("first"));
        await first.Launcher.WaitForTextAsync(" serves ");

        var deployed = await first.RunAsync(
            Repository.Program, "deploy", folder.Working("second"), "--state", folder.In("state"), "--json");
        var workers = Processes.Children(first.Pid);
        first.Signal("TERM");
        var ended = await first.Launcher.WaitAsync();

        Assert.Equal(
            Outcomes.Committed, Assert.IsType<ResultEvent>(OperatorProtocol.ReadEvent(deployed.Output.Trim())).Outcome);
        Assert.Equal(0, ended.ExitCode);
        Assert.Contains("The service is stopped.", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(workers, Processes.IsAlive);
    }

    [Fact(Timeout = LongestMs)]
    public async Task Term_ASecondTime_EndsAWorkerThatDoesNot()
    {
        using var folder = new TemporaryFolder();
        await using var first = await StartAsync(
            folder, folder.Faulty("ignore-term"), """ "stop": { "timeout_ms": 600000 }, """);
        await first.Launcher.WaitForTextAsync(" serves ");

        first.Signal("TERM");
        await first.Launcher.WaitForTextAsync("Stopping, at the wish of");
        Assert.False(first.Launcher.HasExited);
        first.Signal("TERM");

        Assert.Equal(0, (await first.Launcher.WaitAsync()).ExitCode);
    }

    // 6: nothing serves. 2: the configuration is wrong.
    [Theory(Timeout = LongestMs)]
    [InlineData("crash-at-start", null, 6)]
    [InlineData("none", """ "workers": { "count": -1 }, """, 2)]
    public async Task Run_ThatCannotServe_EndsWithItsOwnExitCode(string fault, string? options, int exitCode)
    {
        using var folder = new TemporaryFolder();
        await using var first = await StartAsync(folder, folder.Faulty(fault), options);

        Assert.Equal(exitCode, (await first.Launcher.WaitAsync()).ExitCode);
    }

    private static async Task<FirstProcess> StartAsync(TemporaryFolder folder, string release, string? options = null)
    {
        var reason = await FirstProcess.WhyNotAsync();
        Assert.SkipUnless(reason is null, reason ?? "");
        await File.WriteAllTextAsync(folder.In("midstream.json"), $$"""{ {{options}} "probation": { "duration_ms": 50 } }""");
        return await FirstProcess.StartAsync(
        [
            Repository.Program, "run", release, "--name", "tested", "--state", folder.In("state"),
            "--config", folder.In("midstream.json"), "--listen", "http://127.0.0.1:0",
        ]);
    }
}
