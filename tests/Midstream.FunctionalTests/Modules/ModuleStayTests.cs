// What modules leave in a process, and what goes on in the next one.

using Midstream.FunctionalTests.Faults;

namespace Midstream.FunctionalTests.Modules;

public sealed class ModuleStayTests
{
    private const int LongestMs = 5 * 60 * 1000;

    // As many as may stay, and one more.
    private const int Staying = 4;

    [Fact(Timeout = LongestMs)]
    public async Task Generations_PastTheirBudget_ReplaceTheWorkerWithoutLoss()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1);
        await scene.DeployWellAsync("1-stays");
        await scene.DeployWellAsync("1", "other");
        Assert.Equal("1", await scene.CountAsync());
        var first = Assert.Single((await scene.Service.StatusAsync()).Workers).Pid;
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        for (var version = 2; version <= Staying; version++)
            await scene.DeployWellAsync($"{version}-stays");
        Assert.Equal(first, Assert.Single((await scene.Service.StatusAsync()).Workers).Pid);

        await scene.DeployWellAsync("last");

        await scene.Service.WaitForStatusAsync(
            status => status.Operation is null && status.Workers is [{ State: "serving" } worker] && worker.Pid != first);
        await load.EndWithoutLossAsync();
        await scene.AssertServesAsync("last", workers: 1);
        Assert.Equal("2", await scene.CountAsync());
        Assert.Equal(
            [("fickle", "last", 1), ("other", "1", 1)],
            (await scene.Service.StatusAsync()).Modules!.Select(module => (module.Name, module.Version, module.Workers)));
        Assert.Contains(
            "4 generations of the module fickle stay in memory, and 3 may", scene.Service.Supervisor.Error,
            StringComparison.Ordinal);
    }

    [Fact(Timeout = LongestMs)]
    public async Task State_OfAModule_GoesToTheNextProcessUnderLoad()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1);
        await scene.DeployWellAsync("1");
        Assert.Equal("1", await scene.CountAsync());
        var first = Assert.Single((await scene.Service.StatusAsync()).Workers).Pid;
        await using var load = await SteadyLoad.StartAsync(scene.Url);

        await scene.Service.DeployWellAsync(scene.NextRelease());

        Assert.NotEqual(first, Assert.Single((await scene.Service.StatusAsync()).Workers).Pid);
        Assert.Equal("2", await scene.CountAsync());
        await scene.DeployWellAsync("2");
        Assert.Equal("3", await scene.CountAsync());
        await load.EndWithoutLossAsync();
    }
}
