// A supervisor that is killed, and the next one: workers serve on, the next takes them over, and a deployment that was under
// way is finished or undone.

using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;
using Midstream.FunctionalTests.Traffic;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Succession;

public sealed class TakeOverTests
{
    [Theory(Timeout = SuccessionScene.LongestMs)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Kill_WhenIdleTwiceInARow_NobodyNotices(int workers)
    {
        await using var scene = await SuccessionScene.StartAsync(workers);
        await using var traffic = await Guarantees.StartTrafficAsync(scene.Url);

        await scene.KillAndRunAsync();
        var status = await scene.KillAndRunAsync();

        Assert.Equal(
            scene.First.Workers.Select(worker => (worker.Name, worker.Pid)),
            status.Workers.Select(worker => (worker.Name, worker.Pid)));
        Assert.Equal(2, scene.Ledger("take-over").Count(line => line.Outcome == Outcomes.Committed));
        await scene.AssertSettledAsync(status);
        var next = await scene.AssertNextDeployWorksAsync();
        await scene.UpgradeWellAsync();
        Guarantees.AssertNothingLost(await traffic.EndAsync(), [scene.First.Release!, next.Release!]);
        await scene.AssertSettledAsync(await scene.Service.StatusAsync());
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Kill_FollowedAtOnceByARunSeveralTimes_IsNeverRefused()
    {
        await using var scene = await SuccessionScene.StartAsync();
        for (var time = 1; time <= 5; time++)
        {
            Processes.Signal(scene.Service.Supervisor.Pid, "KILL");
            var status = await scene.RunAsync();

            Assert.Equal(scene.First.Workers.Select(worker => worker.Pid), status.Workers.Select(worker => worker.Pid));
        }
    }

    // The phase in which it is killed, what the new release does to stay in it, and what is to serve in the end.
    [Theory(Timeout = SuccessionScene.LongestMs)]
    [InlineData("store", 1, null, false)]
    [InlineData("start", 3, "hang-at-start", false)]
    [InlineData("ready", 1, "hang-at-start", false)]
    [InlineData("ready", 3, "never-answer", false)]
    [InlineData("switch", 1, null, null)]
    [InlineData("switch", 3, null, null)]
    [InlineData("drain", 1, null, null)]
    [InlineData("drain", 3, null, null)]
    [InlineData("stop", 1, null, null)]
    [InlineData("stop", 3, null, null)]
    [InlineData("probation", 1, null, true)]
    [InlineData("probation", 3, null, true)]
    public async Task Kill_InAPhaseOfADeployment_NextRunFinishesOrUndoesIt(
        string phase, int workers, string? fault, bool? finished)
    {
        await using var scene = await SuccessionScene.StartAsync(workers, LongProbation);
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        var release = fault is null ? scene.Folder.Working("second") : scene.Folder.Faulty(fault);
        await using (var deploy = scene.Service.Begin("deploy", release, "--json"))
        {
            await deploy.WaitForTextAsync($"\"phase\":\"{phase}\"");
            await SuccessionScene.KillAsync(scene.First.Supervisor.Pid);
            Assert.Equal(3, (await deploy.WaitAsync()).ExitCode);
        }

        var status = await scene.RunAsync();

        await load.EndWithoutLossAsync();
        if (finished is { } wanted)
            Assert.Equal(wanted, status.Release != scene.First.Release);
        Assert.Single(scene.Ledger("take-over"));
        await scene.AssertSettledAsync(status);
        await scene.AssertNextDeployWorksAsync();
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Kill_WhileTheOldWorkerDrains_NextRunKeepsTheSlowAnswer()
    {
        await using var scene = await SuccessionScene.StartAsync(options: LongProbation);
        using var http = new HttpClient();
        using var underWay = await http.GetAsync(
            new Uri(scene.Url, "/stream?chunks=80&delayMs=50"), HttpCompletionOption.ResponseHeadersRead);
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        await using var deploy = scene.Service.Begin("deploy", scene.Folder.Working("second"), "--json");
        await deploy.WaitForTextAsync("\"phase\":\"drain\"");

        var status = await scene.KillAndRunAsync();

        Assert.EndsWith(
            $"79 {scene.First.Workers[0].Pid}\n", await underWay.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await load.EndWithoutLossAsync();
        await scene.AssertSettledAsync(status);
        await scene.AssertNextDeployWorksAsync();
    }

    [Theory(Timeout = SuccessionScene.LongestMs)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Kill_OfANewProgramThatWasJustStarted_GuardGoesOn(int workers)
    {
        await using var scene = await SuccessionScene.StartAsync(workers);
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        await using var upgrade = await BeginHangingUpgradeAsync(scene);

        await SuccessionScene.KillAsync(scene.First.Supervisor.Pid);

        Assert.Equal(1, (await upgrade.WaitAsync()).ExitCode);
        var status = await scene.Service.StatusAsync();
        Assert.NotEqual(scene.First.Supervisor.Pid, status.Supervisor.Pid);
        await scene.AssertSettledAsync(status);
        await scene.UpgradeWellAsync();
        await scene.KillSupervisorAsync();
        await scene.AssertSettledAsync(await scene.RunAsync());
        await scene.AssertNextDeployWorksAsync();
        await load.EndWithoutLossAsync();
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Kill_OfTheNewProgramAndItsGuard_NextRunTakesOver()
    {
        await using var scene = await SuccessionScene.StartAsync(workers: 2);
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        await using var upgrade = await BeginHangingUpgradeAsync(scene);
        var guard = scene.Mine().Single(process => process.Command.Contains(" guard ", StringComparison.Ordinal)).Pid;

        await SuccessionScene.KillAsync(guard);
        await SuccessionScene.KillAsync(scene.First.Supervisor.Pid);

        Assert.Equal(3, (await upgrade.WaitAsync()).ExitCode);
        var status = await scene.RunAsync();
        Assert.Equal(
            scene.First.Workers.Select(worker => worker.Pid).Order(), status.Workers.Select(worker => worker.Pid).Order());
        await scene.AssertSettledAsync(status);
        await scene.AssertNextDeployWorksAsync();
        await load.EndWithoutLossAsync();
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Kill_DuringATryOut_NextRunTakesOver()
    {
        await using var scene = await SuccessionScene.StartAsync();
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        var slow = scene.Script("slow", $"#!/bin/sh\nsleep 1\nexec '{Repository.Program}' \"$@\"\n");
        await using var upgrade = scene.Service.Begin("upgrade", slow, "--json");
        await upgrade.WaitForTextAsync("\"phase\":\"start\"");

        var status = await scene.KillAndRunAsync();

        Assert.Equal(3, (await upgrade.WaitAsync()).ExitCode);
        await scene.AssertSettledAsync(status);
        await scene.AssertNextDeployWorksAsync();
        await load.EndWithoutLossAsync();
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Run_TwiceAtOnceAfterAKill_OneTakesOverAndOneIsRefused()
    {
        await using var scene = await SuccessionScene.StartAsync();
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        await scene.KillSupervisorAsync();

        MidstreamService[] both = [scene.Launch(), scene.Launch()];
        var refused = await await Task.WhenAny(both.Select(one => one.Supervisor.WaitAsync()));

        Assert.Equal(4, refused.ExitCode);
        await both.Single(one => !one.Supervisor.HasExited).Supervisor.WaitForTextAsync(" serves ");
        var status = await scene.Service.WaitForStatusAsync(now => now.Operation is null);
        Assert.Single(both, one => one.Supervisor.Pid == status.Supervisor.Pid);
        Assert.Equal(scene.First.Workers[0].Pid, status.Workers[0].Pid);
        await scene.AssertNextDeployWorksAsync();
        await load.EndWithoutLossAsync();
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Kill_WhileAWorkerWritesNumberedLines_CostsNoMoreThanWasInItsHands()
    {
        await using var scene = await SuccessionScene.StartAsync(
            options: """ "command": ["sh", "serve.sh"], """, release: NumberedLines.MakeRelease);
        File.WriteAllText(scene.Folder.In("go"), "");
        await Eventually.HoldsAsync(
            () => new FileInfo(scene.InState("logs", "worker.log")).Length > 50_000, () => "There are no lines.");

        await scene.KillAndRunAsync();
        await scene.UpgradeWellAsync();
        File.WriteAllText(scene.Folder.In("enough"), "");

        await NumberedLines.AssertCompleteAsync(scene, kills: 1);
    }

    private const string LongProbation = """ "probation": { "duration_ms": 1500 }, """;

    // A program that is in the supervisor's place and does nothing, with the guard beside it.
    private static async Task<RunningProgram> BeginHangingUpgradeAsync(SuccessionScene scene)
    {
        var hanging = scene.Script("hanging", """
            #!/bin/sh
            [ -n "$MIDSTREAM_TRY_OUT" ] && { echo 'midstream can take over, version 9.9'; exit 0; }
            exec sleep 600
            """);
        var upgrade = scene.Service.Begin("upgrade", hanging, "--json");
        await Eventually.HoldsAsync(
            () => File.ReadAllText($"/proc/{scene.First.Supervisor.Pid}/comm").Trim() == "sleep",
            () => "The program was not replaced.");
        return upgrade;
    }
}
