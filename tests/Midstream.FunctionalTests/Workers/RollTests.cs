using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Workers;

/// <summary>Several workers and their replacement: how many there are meanwhile, and what becomes of a roll that fails.</summary>
public sealed class RollTests
{
    private const int Count = 3;
    private const string OneByOne = """{ "workers": { "count": 3 }, "probation": { "duration_ms": 200 } }""";
    private const string AllAtOnce =
        """{ "workers": { "count": 3, "replace": "all-at-once" }, "probation": { "duration_ms": 200 } }""";

    [Fact]
    public async Task Deploy_OneByOne_NeverFewerServeAndOneProcessMoreAtMost()
    {
        await using var crew = await Crew.StartAsync(OneByOne);
        await using var load = await SteadyLoad.StartAsync(crew.Service.Url);

        var (servingMin, processesMax, release) = await WatchDeployAsync(crew);

        Assert.Equal(Count, servingMin);
        Assert.Equal(Count + 1, processesMax);
        await crew.AssertServeAsync(Count, release);
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Deploy_AllAtOnce_NeverFewerServeAndAllAreStartedTogether()
    {
        await using var crew = await Crew.StartAsync(AllAtOnce);
        await using var load = await SteadyLoad.StartAsync(crew.Service.Url);

        var (servingMin, processesMax, release) = await WatchDeployAsync(crew);

        Assert.Equal(Count, servingMin);
        Assert.Equal(2 * Count, processesMax);
        await crew.AssertServeAsync(Count, release);
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Deploy_OneByOneAndTheSecondWorkerFails_GoesBackWhole()
    {
        await using var crew = await Crew.StartAsync(OneByOne);
        await using var load = await SteadyLoad.StartAsync(crew.Service.Url);

        var (_, answer) = await crew.Service.DeployAsync(crew.Folder.Faulty("fail-in-slot:2"));

        var result = Assert.IsType<ResultEvent>(answer);
        Assert.Equal(("worker-exited-before-ready", crew.First.Release), (result.Failure, result.Release));
        var status = await crew.AssertServeAsync(Count, crew.First.Release!);
        // Those whose turn had not come have not noticed.
        Assert.Equal(crew.FirstPids.Skip(1), status.Workers.Select(worker => worker.Pid).Skip(1));
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Deploy_AllAtOnceAndTheSecondWorkerFails_ChangesNothing()
    {
        await using var crew = await Crew.StartAsync(AllAtOnce);
        await using var load = await SteadyLoad.StartAsync(crew.Service.Url);

        var (_, answer) = await crew.Service.DeployAsync(crew.Folder.Faulty("fail-in-slot:2"));

        Assert.Equal("worker-exited-before-ready", Assert.IsType<ResultEvent>(answer).Failure);
        await crew.AssertFirstServeOnAsync();
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Kill_OfOneOfThree_OnlyThatOneIsStartedAgain()
    {
        await using var crew = await Crew.StartAsync(OneByOne);
        await using var load = await SteadyLoad.StartAsync(crew.Service.Url);

        Processes.Signal(crew.First.Workers[1].Pid, "KILL");

        await crew.Service.WaitForStatusAsync(now => now is { Supervisor.Restarts: 1, Operation: null });
        var status = await crew.AssertServeAsync(Count, crew.First.Release!);
        Assert.Equal(
            [crew.First.Workers[0].Pid, crew.First.Workers[2].Pid],
            status.Workers.Where(worker => worker.Slot != 2).Select(worker => worker.Pid));
        await load.EndWithOneKilledAsync();
    }

    // The least that served and the most processes there were, as often as the machine lets one look.
    private static async Task<(int ServingMin, int ProcessesMax, string Release)> WatchDeployAsync(Crew crew)
    {
        var (servingMin, processesMax) = (int.MaxValue, 0);
        await using var deploy = crew.Service.Begin("deploy", crew.Folder.Working("second"), "--json");
        while (!deploy.HasExited)
        {
            processesMax = Math.Max(processesMax, Processes.Children(crew.Service.Supervisor.Pid).Count);
            var status = await crew.Service.StatusAsync();
            servingMin = Math.Min(servingMin, status.Workers.Count(
                worker => worker.State == "serving" && Processes.IsAlive(worker.Pid)));
        }

        var result = Scene.ResultOf(await deploy.WaitAsync());
        Assert.Equal(Outcomes.Committed, result.Outcome);
        return (servingMin, processesMax, result.Release!);
    }
}
