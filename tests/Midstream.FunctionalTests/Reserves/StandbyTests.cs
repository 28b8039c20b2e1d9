// A worker stands by for whatever needs one, while clients ask who notice nothing of it.

using System.Globalization;
using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;
using Midstream.FunctionalTests.Succession;
using Midstream.FunctionalTests.Workers;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Reserves;

public sealed class StandbyTests
{
    // Whoever has to be started instead of the standby is not there before the test's patience is over.
    private const string NoRestart =
        """ "probation": { "duration_ms": 50 }, "restart": { "delay_min_ms": 86400000, "delay_max_ms": 86400000 }, """;

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Kill_OfAServingWorker_StandbyTakesItsSlotAtOnceAndAnotherStandsBy()
    {
        await using var scene = await SuccessionScene.StartAsync(workers: 2, NoRestart, standby: true);
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        var standby = StandbyOf(scene.First);

        await SuccessionScene.KillAsync(InSlot(scene.First, 2).Pid);
        var after = await scene.WaitForStandbyAsync(standby.Pid);

        Assert.Equal((standby.Pid, standby.Name), (InSlot(after, 2).Pid, InSlot(after, 2).Name));
        Assert.Equal(InSlot(scene.First, 1).Pid, InSlot(after, 1).Pid);
        Assert.Equal(1, after.Supervisor.Restarts);
        await load.EndWithOneKilledAsync();
        await scene.AssertSettledAsync(after);
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Kill_OfTheStandby_AnotherStandsByAndTheServiceHasNotCrashed()
    {
        await using var scene = await SuccessionScene.StartAsync(standby: true);
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        var standby = StandbyOf(scene.First);

        await SuccessionScene.KillAsync(standby.Pid);
        var after = await scene.WaitForStandbyAsync(standby.Pid);

        Assert.Equal(0, after.Supervisor.Restarts);
        Assert.Equal(scene.First.Workers[0].Pid, after.Workers[0].Pid);
        await load.EndWithoutLossAsync();
        await scene.AssertSettledAsync(after);
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Kill_OfTheStandbyTooOften_IsGivenUpUntilTheNextDeployment()
    {
        const string Twice = """ "probation": { "duration_ms": 50 }, "restart": { "delay_min_ms": 1, "crashes_max": 2 }, """;
        await using var scene = await SuccessionScene.StartAsync(options: Twice, standby: true);
        var first = StandbyOf(scene.First);
        await SuccessionScene.KillAsync(first.Pid);
        var second = StandbyOf(await scene.WaitForStandbyAsync(first.Pid));

        await SuccessionScene.KillAsync(second.Pid);
        var given = await scene.Service.WaitForStatusAsync(now => now.Reserve is { Workers: [], Problem: not null });

        Assert.Equal(("serving", null), (given.State, given.Problem));
        Assert.Contains("restart.crashes_max", given.Reserve!.Problem, StringComparison.Ordinal);
        await scene.Service.DeployWellAsync(scene.Folder.Working("second"));
        Assert.Null((await scene.WaitForStandbyAsync()).Reserve!.Problem);
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Scale_Up_TakesTheStandbyFirst()
    {
        await using var scene = await SuccessionScene.StartAsync(standby: true);
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        var standby = StandbyOf(scene.First);

        Assert.Equal(0, (await scene.Service.RunAsync("scale", "3")).ExitCode);
        var after = await scene.WaitForStandbyAsync(standby.Pid);

        Assert.Equal(standby.Pid, InSlot(after, 2).Pid);
        Assert.Equal(0, (await scene.Service.RunAsync("scale", "1")).ExitCode);
        await load.EndWithoutLossAsync();
        await scene.AssertSettledAsync(await scene.WaitForStandbyAsync(standby.Pid));
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Reload_WithNothingChanged_TakesTheStandbyAndWithANewVariableDoesNot()
    {
        await using var scene = await SuccessionScene.StartAsync(standby: true);
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        var first = StandbyOf(scene.First);

        Assert.Equal(0, (await scene.Service.RunAsync("reload")).ExitCode);
        var unchanged = await scene.WaitForStandbyAsync(first.Pid);
        var second = StandbyOf(unchanged);
        await File.WriteAllTextAsync(scene.Service.Configuration,
            """{ "environment": { "COLOUR": "red" }, "workers": { "standby": true }, "probation": { "duration_ms": 50 } }""");
        Assert.Equal(0, (await scene.Service.RunAsync("reload")).ExitCode);
        var changed = await scene.WaitForStandbyAsync(first.Pid, second.Pid);

        Assert.Equal(first.Pid, unchanged.Workers[0].Pid);
        Assert.NotEqual(second.Pid, changed.Workers[0].Pid);
        Assert.Equal("red", Crew.VariableOf(changed.Workers[0].Pid, "COLOUR"));
        Assert.Equal("red", Crew.VariableOf(StandbyOf(changed).Pid, "COLOUR"));
        await load.EndWithoutLossAsync();
        await scene.AssertSettledAsync(changed);
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Deploy_OfAnotherRelease_IsStoodByForFromThenOn()
    {
        await using var scene = await SuccessionScene.StartAsync(standby: true);
        await using var load = await SteadyLoad.StartAsync(scene.Url);

        var result = await scene.Service.DeployWellAsync(scene.Folder.Working("second"));
        var after = await scene.WaitForStandbyAsync(StandbyOf(scene.First).Pid);

        Assert.Equal(result.Release, StandbyOf(after).Release);
        Assert.NotEqual(StandbyOf(scene.First).Pid, after.Workers[0].Pid);
        await load.EndWithoutLossAsync();
        await scene.AssertSettledAsync(after);
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Kill_OfTheSupervisor_WhoHadStoodByKeepsItsSlotAndWhoStandsByIsEnded()
    {
        await using var scene = await SuccessionScene.StartAsync(workers: 2, NoRestart, standby: true);
        await SuccessionScene.KillAsync(InSlot(scene.First, 2).Pid);
        var before = await scene.WaitForStandbyAsync(StandbyOf(scene.First).Pid);
        await using var load = await SteadyLoad.StartAsync(scene.Url);

        await scene.KillAndRunAsync();
        var after = await scene.WaitForStandbyAsync(StandbyOf(before).Pid);

        Assert.Equal(Serving(before), Serving(after));
        Assert.Equal(StandbyOf(scene.First).Pid, InSlot(after, 2).Pid);
        await load.EndWithoutLossAsync();
        await scene.AssertSettledAsync(after);
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Upgrade_OfTheSupervisor_WhoHadStoodByKeepsItsSlotAndAnotherStandsBy()
    {
        await using var scene = await SuccessionScene.StartAsync(workers: 2, NoRestart, standby: true);
        await SuccessionScene.KillAsync(InSlot(scene.First, 2).Pid);
        var before = await scene.WaitForStandbyAsync(StandbyOf(scene.First).Pid);
        await using var load = await SteadyLoad.StartAsync(scene.Url);

        await scene.UpgradeWellAsync();
        var after = await scene.WaitForStandbyAsync(StandbyOf(before).Pid);

        Assert.Equal(Serving(before), Serving(after));
        await load.EndWithoutLossAsync();
        await scene.AssertSettledAsync(after);
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Stop_WithAStandby_LeavesNothing()
    {
        await using var scene = await SuccessionScene.StartAsync(standby: true);

        Assert.Equal(0, (await scene.Service.RunAsync("stop")).ExitCode);

        await Eventually.HoldsAsync(() => scene.Mine().Count == 0, () => $"There are {string.Join("; ", scene.Mine())}.");
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Run_AProgramWithoutAGate_SaysThatThereIsNoStandbyAndStartsNone()
    {
        using var folder = new TemporaryFolder();
        await using var service = await MidstreamService.StartAsync(
            folder, folder.MakeRelease(Repository.Published("tests/TestApps/SystemdWeb"), "first"),
            """{ "inject": false, "ready": { "http": "/" }, "workers": { "standby": true } }""");

        var status = await service.WaitForStatusAsync(now => now.Reserve is not null);

        Assert.Empty(status.Reserve!.Workers);
        Assert.Contains("accepts as soon as it listens", status.Reserve.Problem, StringComparison.Ordinal);
        Assert.Equal([status.Workers[0].Pid], Processes.Children(service.Supervisor.Pid));
    }

    // Its application does not start before the state is there, which it can have only from the worker that it replaces.
    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Reload_OfAnApplicationWithState_StandbyTakesOverEveryCount()
    {
        await using var scene = await SuccessionScene.StartAsync(
            release: folder => folder.MakeRelease(Repository.Published("tests/TestApps/Counting"), "first"), standby: true);
        using var enough = new CancellationTokenSource();
        var counting = CountAsync(scene.Url, enough.Token);
        var pids = new List<int>();

        for (var number = 1; number <= 3; number++)
        {
            var standby = StandbyOf(await scene.WaitForStandbyAsync([.. pids]));
            pids.Add(standby.Pid);
            Assert.Null(standby.ReadyInMs);
            var reloaded = Scene.ResultOf(await scene.Service.RunAsync("reload", "--json"));
            Assert.Equal(Outcomes.Committed, reloaded.Outcome);
            Assert.NotNull(reloaded.State);
            Assert.Equal(standby.Pid, (await scene.Service.StatusAsync()).Workers[0].Pid);
        }

        await enough.CancelAsync();
        var (asked, last) = await counting;
        Assert.Equal(asked, last);
        Assert.True(asked > 100, $"only {asked} counts: no proof");
        await scene.AssertSettledAsync(await scene.WaitForStandbyAsync([.. pids]));
    }

    private static async Task<(long Asked, long Last)> CountAsync(Uri url, CancellationToken enough)
    {
        using var http = new HttpClient { BaseAddress = url };
        var (asked, last) = (0L, 0L);
        for (; !enough.IsCancellationRequested; asked++)
        {
            using var answer = await http.PostAsync("/counts/1", content: null, CancellationToken.None);
            var text = await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(CancellationToken.None);
            last = long.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture);
        }

        return (asked, last);
    }

    private static WorkerStatus StandbyOf(ServiceStatus status) => Assert.Single(status.Reserve!.Workers);

    private static WorkerStatus InSlot(ServiceStatus status, int slot) => status.Workers.Single(worker => worker.Slot == slot);

    private static IEnumerable<(int, int, string)> Serving(ServiceStatus status) =>
        status.Workers.Select(worker => (worker.Slot, worker.Pid, worker.Name)).Order();
}
