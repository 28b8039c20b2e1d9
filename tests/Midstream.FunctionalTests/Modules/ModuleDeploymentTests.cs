// What becomes of the set of modules when the processes that have it are replaced.

using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;

namespace Midstream.FunctionalTests.Modules;

public sealed class ModuleDeploymentTests
{
    private const int LongestMs = 5 * 60 * 1000;

    [Fact(Timeout = LongestMs)]
    public async Task Replacement_ByAProcessThatCannotLoadAModule_IsRefusedAndTheOldServesOn()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1);
        File.WriteAllText(scene.Gate, "");
        await scene.DeployWellAsync("1-needs-gate");
        var served = Assert.Single((await scene.Service.StatusAsync()).Workers).Pid;
        File.Delete(scene.Gate);
        await using var load = await SteadyLoad.StartAsync(scene.Url);

        foreach (var command in (string[][])[["deploy", scene.NextRelease()], ["reload"], ["scale", "2"]])
        {
            var program = await scene.Service.RunAsync([.. command, "--json"]);
            var result = Assert.IsType<ResultEvent>(OperatorProtocol.ReadEvent(program.Output.Trim()));
            Assert.Equal((1, "module-refused"), (program.ExitCode, result.Failure));
            Assert.Contains("Module fickle 1-needs-gate, in start", result.Reason, StringComparison.Ordinal);
            Assert.Contains("does not start without its gate", result.Reason, StringComparison.Ordinal);
        }

        await load.EndWithoutLossAsync();
        Assert.Equal(served, Assert.Single((await scene.Service.StatusAsync()).Workers).Pid);
        await scene.AssertServesAsync("1-needs-gate", workers: 1);
        File.WriteAllText(scene.Gate, "");
        await scene.Service.DeployWellAsync(scene.NextRelease());
        await scene.AssertServesAsync("1-needs-gate", workers: 1);
    }

    [Fact(Timeout = LongestMs)]
    public async Task Start_WhenNobodyServesAndAModuleCannotBeLoaded_ServesTheRestAndTheModuleCanBeRemoved()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1);
        File.WriteAllText(scene.Gate, "");
        await scene.DeployWellAsync("1-needs-gate");
        Assert.Equal(0, (await scene.Service.RunAsync("stop")).ExitCode);
        File.Delete(scene.Gate);

        await scene.RunAsync();

        await scene.AssertServesAsync(version: null, workers: 1);
        Assert.Equal(1, (await scene.Service.RunAsync("deploy", scene.NextRelease())).ExitCode);
        var (code, answer) = await scene.ModuleAsync("remove", "fickle");
        Assert.Equal((0, Outcomes.Committed), (code, Assert.IsType<ResultEvent>(answer).Outcome));
        await scene.Service.DeployWellAsync(scene.NextRelease());
    }

    [Fact(Timeout = LongestMs)]
    public async Task Deploy_WithAStateThatOnlyACanaryHas_TakesItToTheNextProcess()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1);
        await scene.DeployWellAsync("1");
        Assert.Equal(0, (await scene.ModuleAsync("canary", scene.Package("2-more"), "--header", "X-Try")).ExitCode);
        Assert.Equal("I", await scene.SendAsync(HttpMethod.Post, "/more", "X-Try", "canary"));
        Assert.Equal("1", await scene.CountAsync());

        await scene.Service.DeployWellAsync(scene.NextRelease());

        Assert.Equal("II", await scene.SendAsync(HttpMethod.Post, "/more", "X-Try", "canary"));
        Assert.Equal("2", await scene.SendAsync(HttpMethod.Post, "/count", "X-Try", "canary"));
        Assert.Equal(0, (await scene.ModuleAsync("promote", "fickle")).ExitCode);
        Assert.Equal("III", await scene.SendAsync(HttpMethod.Post, "/more", "X-Try", "nothing"));
        Assert.Equal("3", await scene.CountAsync());
    }
}
