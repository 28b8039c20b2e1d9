// A supervisor that is killed, and the next one finds not all as it was left: workers that are gone, hang or do not speak with
// it,
// and files that are half there.

using Midstream.FunctionalTests.Faults;
using Midstream.Prove;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Succession;

public sealed class TakeOverFaultTests
{
    [Theory(Timeout = SuccessionScene.LongestMs)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Run_WhenAWorkerDiedInBetween_PutsAnotherInItsPlace(int workers)
    {
        await using var scene = await SuccessionScene.StartAsync(workers);
        await scene.KillSupervisorAsync();
        await SuccessionScene.KillAsync(scene.First.Workers[^1].Pid);

        var status = await scene.RunAsync();

        Assert.Equal(workers - 1, status.Workers.Count(worker => scene.First.Workers.Any(old => old.Pid == worker.Pid)));
        await scene.AssertSettledAsync(status);
        await scene.AssertNextDeployWorksAsync();
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Run_WhenAMissingWorkerCannotBeStarted_OthersServeOn()
    {
        await using var scene = await SuccessionScene.StartAsync(workers: 2, """ "restart": { "crashes_max": 1 }, """);
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        await scene.KillSupervisorAsync();
        await SuccessionScene.KillAsync(scene.First.Workers[^1].Pid);
        // What is started now ends at once.
        var program = scene.InState("releases", scene.First.Release!);
        var entry = Directory.EnumerateFiles(program, "Echo.dll", SearchOption.AllDirectories).Single();
        File.SetUnixFileMode(
            Path.GetDirectoryName(entry)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Move(entry, entry + ".kept");

        await scene.RunAsync();

        var status = await scene.Service.WaitForStatusAsync(now => now is { Operation: null, Problem: not null });
        Assert.Equal(scene.First.Workers[0].Pid, Assert.Single(status.Workers).Pid);
        var report = await load.EndAsync();
        Assert.True(report.Lost <= SteadyLoad.UnderWayMax && report.Wrong == 0, report.ToJson());
        await scene.AssertNextDeployWorksAsync();
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Run_WhenAWorkerHangs_TakesItOverAndTheNextDeploymentReplacesIt()
    {
        const string Quick =
            """ "stop": { "timeout_ms": 1000 }, "drain": { "timeout_ms": 1000 }, "probation": { "duration_ms": 50 }, """;
        await using var scene = await SuccessionScene.StartAsync(options: Quick);
        var hung = scene.First.Workers[^1].Pid;
        await scene.KillSupervisorAsync();
        Processes.Signal(hung, "STOP");

        await scene.RunAsync();
        await scene.AssertNextDeployWorksAsync();

        Assert.False(Processes.IsAlive(hung));
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Upgrade_WhileAWorkerHangs_GoesOnWithIt()
    {
        await using var scene = await SuccessionScene.StartAsync(
            workers: 2,
            """ "upgrade": { "timeout_ms": 6000 }, "stop": { "timeout_ms": 1000 }, "drain": { "timeout_ms": 1000 }, """);
        var hung = scene.First.Workers[^1].Pid;
        Processes.Signal(hung, "STOP");

        await scene.UpgradeWellAsync();
        Processes.Signal(hung, "CONT");

        var status = await scene.Service.StatusAsync();
        Assert.Equal(scene.First.Workers.Select(worker => worker.Pid), status.Workers.Select(worker => worker.Pid));
        await scene.AssertSettledAsync(status);
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Upgrade_WhenAWorkerDiesMeanwhile_PutsAnotherInItsPlace()
    {
        await using var scene = await SuccessionScene.StartAsync(workers: 2);
        var dead = scene.First.Workers[^1].Pid;
        // Between the try-out and the arrival.
        var program = scene.Script("killing", $"""
            #!/bin/sh
            [ -n "$MIDSTREAM_TRY_OUT" ] || kill -KILL {dead}
            exec '{Repository.Program}' "$@"
            """);

        var (ended, _) = await scene.UpgradeAsync(program);

        Assert.Equal(0, ended.ExitCode);
        var status = await scene.Service.WaitForStatusAsync(now =>
            now is { Operation: null, Workers.Count: 2 }
            && now.Workers.All(worker => worker.Pid != dead && worker.State == "serving"));
        await scene.AssertSettledAsync(status);
        await scene.AssertNextDeployWorksAsync();
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Run_WithHalfWrittenFiles_TakesOverAndCleansUp()
    {
        await using var scene = await SuccessionScene.StartAsync(workers: 2);
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        await scene.KillSupervisorAsync();
        // As a power cut leaves them, and a process that was killed between two steps.
        await File.WriteAllTextAsync(scene.InState("workers", "g9.1.json"), """{"generation":9,"slo""");
        await File.WriteAllTextAsync(scene.InState("workers", "g8.1.json"), "");
        await File.WriteAllTextAsync(scene.InState("workers", "g9.2.sock"), "");
        await File.AppendAllTextAsync(scene.InState("ledger.jsonl"), """{"at":"2026-""");
        Directory.CreateDirectory(scene.InState("releases", ".incoming-0123"));
        string[] unfinished = [scene.InState(".ms-0123"), scene.InState("workers", ".ms-4567")];
        Array.ForEach(unfinished, file => File.WriteAllText(file, """{"form"""));

        var status = await scene.RunAsync();

        Assert.DoesNotContain(unfinished, File.Exists);
        Assert.Equal(
            scene.First.Workers.Select(worker => worker.Pid).Order(), status.Workers.Select(worker => worker.Pid).Order());
        await scene.AssertSettledAsync(status);
        await scene.AssertNextDeployWorksAsync();
        await load.EndWithoutLossAsync();
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Run_WhenAWorkersEntryCannotBeRead_ServesAndNobodyIsLeft()
    {
        await using var scene = await SuccessionScene.StartAsync(workers: 2);
        await scene.KillSupervisorAsync();
        await File.WriteAllTextAsync(scene.InState("workers", $"{scene.First.Workers[0].Name}.json"), "{");

        var status = await scene.RunAsync();

        await scene.AssertSettledAsync(status);
        await scene.AssertNextDeployWorksAsync();
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Kill_WithAProgramThatDoesNotSpeakMidstream_NextRunTakesItsSocketsByTheKernel()
    {
        var node = Path.Combine(Repository.Root, "tests", "TestApps", "node");
        await using var scene = await SuccessionScene.StartAsync(
            options: """ "command": ["node", "node-server.js"], "ready": { "http": "/" }, "probation": { "duration_ms": 50 }, """,
            release: folder => folder.MakeRelease(node, "first"));
        var clients = new Dictionary<ClientKind, int> { [ClientKind.NewConnection] = 4 };
        await using var traffic = await ProvedTraffic.StartAsync(scene.Url.ToString(), clients, "--expect-status", "200");

        var status = await scene.KillAndRunAsync();

        Assert.Equal(scene.First.Workers[0].Pid, status.Workers[0].Pid);
        await scene.AssertSettledAsync(status);
        var result = await scene.Service.DeployWellAsync(scene.Folder.MakeRelease(node, "second"));
        await scene.UpgradeWellAsync();
        await scene.KillAndRunAsync();
        var report = await traffic.EndAsync();
        Assert.True(report.NothingLost, report.ToJson());
        var after = await scene.Service.StatusAsync();
        Assert.Equal((result.Release, result.Generation), (after.Workers[0].Release, after.Workers[0].Generation));
        await scene.AssertSettledAsync(after);
    }
}
