// A deployment that is readied first, and what becomes of it when it does not come.

using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;
using Midstream.FunctionalTests.Succession;

namespace Midstream.FunctionalTests.Reserves;

public sealed class PrepareTests(ITestOutputHelper output)
{
    private const string Brief = """ "probation": { "duration_ms": 50 }, "prepare": { "wait_ms": 1000 }, """;

    [Theory(Timeout = SuccessionScene.LongestMs)]
    [InlineData("one-by-one")]
    [InlineData("all-at-once")]
    public async Task Deploy_OfWhatWasPrepared_SwitchesToThoseProcesses(string replace)
    {
        await using var scene = await SuccessionScene.StartAsync(workers: 2);
        await File.WriteAllTextAsync(scene.Service.Configuration,
            $$"""{ "workers": { "count": 2, "replace": "{{replace}}" }, "probation": { "duration_ms": 50 } }""");
        Assert.Equal(0, (await scene.Service.RunAsync("reload")).ExitCode);
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        var (folder, prepared) = await PrepareAsync(scene);

        var result = await scene.Service.DeployWellAsync(folder);
        var after = await scene.Service.StatusAsync();

        output.WriteLine($"{replace}: replaced in {result.ReplacedInMs} ms");
        Assert.Equal(prepared.Reserve!.Prepared, result.Release);
        Assert.Equal(Pids(prepared.Reserve.Workers), Pids(after.Workers));
        Assert.DoesNotContain(result.Phases!, phase => phase.Phase == "ready");
        Assert.Null(after.Reserve);
        await load.EndWithoutLossAsync();
        await scene.AssertSettledAsync(after);
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Deploy_OfAnotherFolder_EndsWhatWasPrepared()
    {
        await using var scene = await SuccessionScene.StartAsync();
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        var (_, prepared) = await PrepareAsync(scene);

        var after = await scene.AssertNextDeployWorksAsync("third");

        Assert.Null(after.Reserve);
        Assert.NotEqual(prepared.Reserve!.Prepared, after.Release);
        await load.EndWithoutLossAsync();
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Deploy_WhenAPreparedWorkerWasKilled_StartsAnotherInItsPlace()
    {
        await using var scene = await SuccessionScene.StartAsync(workers: 2);
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        var (folder, prepared) = await PrepareAsync(scene);
        var (killed, left) = (prepared.Reserve!.Workers[0], prepared.Reserve.Workers[1]);

        await SuccessionScene.KillAsync(killed.Pid);
        await scene.Service.WaitForStatusAsync(now => now.Reserve?.Workers.Count == 1);
        await scene.Service.DeployWellAsync(folder);
        var after = await scene.Service.StatusAsync();

        Assert.Equal(left.Pid, after.Workers.Single(worker => worker.Slot == left.Slot).Pid);
        await load.EndWithoutLossAsync();
        await scene.AssertSettledAsync(after);
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Prepare_Cancelled_LeavesNothing()
    {
        await using var scene = await SuccessionScene.StartAsync();
        await PrepareAsync(scene);

        var cancelled = await scene.Service.RunAsync("prepare", "--cancel", "--json");
        var again = await scene.Service.RunAsync("prepare", "--cancel", "--json");

        Assert.Equal((0, Outcomes.Committed), (cancelled.ExitCode, Scene.ResultOf(cancelled).Outcome));
        Assert.Equal((0, Outcomes.Unchanged), (again.ExitCode, Scene.ResultOf(again).Outcome));
        await AssertFirstServesOnAsync(scene);
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Prepare_WhenItsTimeIsOver_LeavesNothing()
    {
        await using var scene = await SuccessionScene.StartAsync(options: Brief);
        await PrepareAsync(scene);

        await scene.Service.WaitForStatusAsync(now => now.Reserve is null);

        await AssertFirstServesOnAsync(scene);
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Prepare_Interrupted_LeavesNothing()
    {
        await using var scene = await SuccessionScene.StartAsync();
        await using var prepare = scene.Service.Begin("prepare", scene.Folder.Faulty("hang-at-start"), "--json");
        await prepare.WaitForTextAsync("\"phase\":\"start\"");

        prepare.Signal("INT");

        Assert.Equal(130, (await prepare.WaitAsync()).ExitCode);
        await AssertFirstServesOnAsync(scene);
    }

    [Theory(Timeout = SuccessionScene.LongestMs)]
    [InlineData("exit-at-once")]
    [InlineData("unhealthy")]
    public async Task Prepare_OfWhatCannotBeProven_FailsAndLeavesNothing(string fault)
    {
        const string Checked = """ "health": { "path": "/healthz", "failures_max": 1 }, """;
        await using var scene = await SuccessionScene.StartAsync(options: Checked);
        await using var load = await SteadyLoad.StartAsync(scene.Url);

        var prepare = await scene.Service.RunAsync("prepare", scene.Folder.Faulty(fault), "--json");

        Assert.Equal((1, Outcomes.Failed), (prepare.ExitCode, Scene.ResultOf(prepare).Outcome));
        await load.EndWithoutLossAsync();
        await AssertFirstServesOnAsync(scene);
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Prepare_OfAProgramWithoutAGate_IsRefusedBeforeItListens()
    {
        await using var scene = await SuccessionScene.StartAsync();
        var program = scene.Folder.In("program");
        Directory.CreateDirectory(program);
        File.Move(scene.Script("serve", "#!/bin/sh\nexec sleep 600\n"), Path.Combine(program, "serve"));

        var prepare = await scene.Service.RunAsync("prepare", program);

        Assert.Equal(2, prepare.ExitCode);
        Assert.Contains("accepts as soon as it listens", prepare.Error, StringComparison.Ordinal);
        await AssertFirstServesOnAsync(scene);
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Kill_OfTheSupervisor_EndsWhatWasPrepared()
    {
        await using var scene = await SuccessionScene.StartAsync();
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        await PrepareAsync(scene);

        var after = await scene.KillAndRunAsync();

        Assert.Equal(scene.First.Workers[0].Pid, after.Workers[0].Pid);
        await scene.AssertSettledAsync(after);
        await scene.AssertNextDeployWorksAsync();
        await load.EndWithoutLossAsync();
    }

    private static async Task<(string Folder, ServiceStatus Prepared)> PrepareAsync(SuccessionScene scene)
    {
        var folder = scene.Folder.Working("second");
        var prepare = await scene.Service.RunAsync("prepare", folder, "--json");
        Assert.Equal((0, Outcomes.Prepared), (prepare.ExitCode, Scene.ResultOf(prepare).Outcome));
        var status = await scene.Service.StatusAsync();
        Assert.Equal(Pids(scene.First.Workers).Count, status.Reserve!.Workers.Count);
        return (folder, status);
    }

    private static async Task AssertFirstServesOnAsync(SuccessionScene scene)
    {
        var status = await scene.Service.StatusAsync();
        Assert.Null(status.Reserve);
        Assert.Equal(Pids(scene.First.Workers), Pids(status.Workers));
        await scene.AssertSettledAsync(status);
    }

    private static List<int> Pids(IEnumerable<WorkerStatus> workers) => [.. workers.Select(worker => worker.Pid).Order()];
}
