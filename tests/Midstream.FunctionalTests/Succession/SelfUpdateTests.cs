// The supervisor becomes another program while clients ask: nobody notices, and nothing is left behind.

using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;
using Midstream.FunctionalTests.Traffic;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Succession;

public sealed class SelfUpdateTests(ITestOutputHelper output)
{
    private const int Upgrades = 20;

    [Theory(Timeout = SuccessionScene.LongestMs)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Upgrade_TwentyTimesUnderAllKindsOfTraffic_NobodyNotices(int workers)
    {
        await using var scene = await SuccessionScene.StartAsync(workers);
        await using var traffic = await Guarantees.StartTrafficAsync(scene.Url);
        await scene.AssertNextDeployWorksAsync();
        var before = await scene.Service.StatusAsync();

        var times = new List<long>();
        for (var number = 1; number <= Upgrades; number++)
            times.Add((await scene.UpgradeWellAsync()).ElapsedMs);

        var after = await scene.Service.StatusAsync();
        var report = await traffic.EndAsync();
        output.WriteLine($"{report.Requests} requests, {report.Lost} lost; upgrades took {times.Min()} to {times.Max()} ms; " +
            $"{scene.Descriptors} descriptors before");
        Guarantees.AssertNothingLost(report, [scene.First.Release!, before.Release!]);
        Assert.Equal(before.Supervisor with { Upgrades = Upgrades }, after.Supervisor);
        Assert.Equal(before.Workers.Select(worker => worker.Pid), after.Workers.Select(worker => worker.Pid));
        Assert.Equal(Upgrades, scene.Ledger("upgrade").Count(line => line.Outcome == Outcomes.Committed));
        await scene.AssertSettledAsync(after);
        await scene.AssertNextDeployWorksAsync("last");
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Usr2_AndUpgradeToAFileThatWasReplaced_BecomeTheProgramAtThatPath()
    {
        await using var scene = await SuccessionScene.StartAsync();
        var pid = scene.First.Supervisor.Pid;

        Processes.Signal(pid, "USR2");
        var bySignal = await scene.Service.WaitForStatusAsync(now => now is { Operation: null, Supervisor.Upgrades: 1 });
        await Eventually.HoldsAsync(() => scene.Ledger("upgrade").Count == 1, () => "There is no line in the ledger.");
        // The program's own folder is needed beside it: it starts no workers otherwise that speak with it.
        var other = Directory.CreateDirectory(scene.Folder.In("other")).FullName;
        File.Copy(Repository.Program, Path.Combine(other, "midstream"));
        Directory.CreateSymbolicLink(
            Path.Combine(other, "hosting"), Path.Combine(Path.GetDirectoryName(Repository.Program)!, "hosting"));
        var (program, answer) = await scene.UpgradeAsync(Path.Combine(other, "midstream"));

        Assert.Equal(0, program.ExitCode);
        Assert.Equal(Outcomes.Committed, Assert.IsType<ResultEvent>(answer).Outcome);
        Assert.Equal("signal USR2", scene.Ledger("upgrade")[0].Who);
        Assert.Equal(pid, bySignal.Supervisor.Pid);
        Assert.Equal(Path.Combine(other, "midstream"), new FileInfo($"/proc/{pid}/exe").LinkTarget);
        await scene.AssertNextDeployWorksAsync();
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Upgrade_WhileOperatorsAsk_RefusesNobody()
    {
        await using var scene = await SuccessionScene.StartAsync();
        using var enough = new CancellationTokenSource();
        var asking = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => AskAsync(scene, enough.Token)));

        for (var number = 0; number < 5; number++)
            await scene.UpgradeWellAsync();
        await enough.CancelAsync();

        var answered = (await asking).Sum();
        output.WriteLine($"{answered} times asked for the status");
        Assert.True(answered >= 5, $"only {answered} answers: no proof");
        await scene.AssertSettledAsync(await scene.Service.StatusAsync());
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Upgrade_DuringADeployment_IsRefusedAsBusyAndTheSignalWaits()
    {
        await using var scene = await SuccessionScene.StartAsync();
        var pid = scene.First.Supervisor.Pid;
        await using var deploy = scene.Service.Begin("deploy", scene.Folder.Faulty("hang-at-start"), "--json");
        await deploy.WaitForTextAsync("\"phase\":\"ready\"");

        var (program, answer) = await scene.UpgradeAsync();
        Processes.Signal(pid, "USR2");
        var during = await scene.Service.StatusAsync();
        deploy.Signal("INT");
        await deploy.WaitAsync();

        Assert.Equal(4, program.ExitCode);
        Assert.Equal(Refusals.Busy, Assert.IsType<RefusedEvent>(answer).Code);
        Assert.Equal(("deploy", 0L), (during.Operation!.Kind, during.Supervisor.Upgrades));
        var after = await scene.Service.WaitForStatusAsync(now => now is { Operation: null, Supervisor.Upgrades: 1 });
        Assert.Equal(pid, after.Supervisor.Pid);
        await scene.AssertSettledAsync(after);
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Deploy_DuringAnUpgrade_IsRefusedAsBusyAndTheSignalWaits()
    {
        await using var scene = await SuccessionScene.StartAsync();
        var go = scene.Folder.In("go");
        // Its try-out takes until it is told to go on.
        var slow = scene.Script("slow", $"""
            #!/bin/sh
            [ -z "$MIDSTREAM_TRY_OUT" ] || until [ -e '{go}' ]; do sleep 0.02; done
            exec '{Repository.Program}' "$@"
            """);
        await using var upgrade = scene.Service.Begin("upgrade", slow, "--json");
        await upgrade.WaitForTextAsync("\"phase\":\"start\"");

        var refused = await scene.Service.RunAsync("deploy", scene.Folder.Working("second"));
        Processes.Signal(scene.First.Supervisor.Pid, "HUP");
        var during = await scene.Service.StatusAsync();
        await File.WriteAllTextAsync(go, "");
        var upgraded = await upgrade.WaitAsync();

        Assert.Equal(4, refused.ExitCode);
        Assert.Contains("has a upgrade under way", refused.Error.Replace("an upgrade", "a upgrade"), StringComparison.Ordinal);
        Assert.Equal("upgrade", during.Operation!.Kind);
        Assert.Equal(0, upgraded.ExitCode);
        // The reload that was asked for meanwhile is carried out by the program that follows.
        var after = await scene.Service.WaitForStatusAsync(now =>
            now is { Operation: null } && now.Workers.All(worker => worker.Generation > scene.First.Workers[0].Generation));
        Assert.Equal(1, after.Supervisor.Upgrades);
        await scene.AssertSettledAsync(after);
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Upgrade_WithIdleAndBusyConnections_KeepsThem()
    {
        await using var scene = await SuccessionScene.StartAsync();
        await using var idle = await RawConnection.ConnectAsync(scene.Url);
        Assert.Equal(200, (await idle.AskAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n")).Status);
        using var http = new HttpClient();
        using var underWay = await http.GetAsync(
            new Uri(scene.Url, "/stream?chunks=60&delayMs=50"), HttpCompletionOption.ResponseHeadersRead);

        await scene.UpgradeWellAsync();

        Assert.Equal(200, (await idle.AskAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n")).Status);
        Assert.EndsWith(
            $"59 {scene.First.Workers[0].Pid}\n", await underWay.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Upgrade_WhileAWorkerWritesNumberedLines_LogHasEachLineOnce()
    {
        await using var scene = await SuccessionScene.StartAsync(
            options: """ "command": ["sh", "serve.sh"], """, release: NumberedLines.MakeRelease);
        File.WriteAllText(scene.Folder.In("go"), "");

        for (var number = 0; number < 5; number++)
            await scene.UpgradeWellAsync();
        File.WriteAllText(scene.Folder.In("enough"), "");

        output.WriteLine($"{await NumberedLines.AssertCompleteAsync(scene)} lines");
    }

    private static async Task<int> AskAsync(SuccessionScene scene, CancellationToken enough)
    {
        var answered = 0;
        for (; !enough.IsCancellationRequested; answered++)
            Assert.Equal(scene.First.Release, (await scene.Service.StatusAsync()).Release);
        return answered;
    }
}
