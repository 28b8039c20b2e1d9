// A module that fails after its move: what served before serves again, by itself.

using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;

namespace Midstream.FunctionalTests.Modules;

public sealed class ModuleProbationTests
{
    private const int LongestMs = 5 * 60 * 1000;

    private const int ProbationMs = 3_000;

    [Theory(Timeout = LongestMs)]
    [InlineData(0, 3)]
    [InlineData(60_000, 1)]
    public async Task Deploy_OfAVersionThatFailsItsRequests_GoesBackByItselfWithTheState(int keepMs, long servingAfterwards)
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1, probationMs: ProbationMs, keepMs: keepMs);
        await scene.DeployWellAsync("1");
        Assert.Equal("1", await scene.CountAsync());

        using var http = new HttpClient();
        await using var deploy = scene.Service.Begin("module", "deploy", scene.Package("2-throws-serving"), "--json");
        await deploy.WaitForTextAsync("\"phase\":\"probation\"");
        while (!deploy.HasExited)
            (await http.GetAsync(scene.Url)).Dispose();

        var ended = await deploy.WaitAsync();
        var result = Assert.IsType<ResultEvent>(OperatorProtocol.ReadEvent(ended.Output.Trim()));
        Assert.Equal((5, Outcomes.RolledBack, "module-failed-in-probation"), (ended.ExitCode, result.Outcome, result.Failure));
        Assert.Contains("Module fickle 2-throws-serving has failed", result.Reason, StringComparison.Ordinal);
        await scene.AssertServesAsync("1", workers: 1);
        Assert.Equal("2", await scene.CountAsync());
        var module = Assert.Single(Assert.Single((await scene.ListAsync()).Workers).Modules);
        Assert.Equal(servingAfterwards, module.Generation);
        Assert.Contains(
            LedgerLine.ReadAll(scene.Service.State), line => line is { What: "module-deploy", Outcome: "rolled-back" });
    }
}
