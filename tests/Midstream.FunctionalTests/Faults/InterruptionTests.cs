using Midstream.Control.Operators;

namespace Midstream.FunctionalTests.Faults;

/// <summary>A deployment whose operator gives up or goes away: undone before the switch, carried through after it.</summary>
public sealed class InterruptionTests
{
    private const string LongProbation = """{ "probation": { "duration_ms": 1500 } }""";

    [Fact]
    public async Task Interrupt_BeforeSwitch_OldServesOn()
    {
        await using var scene = await Scene.StartAsync();
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);
        await using var deploy = await scene.BeginDeployAsync(scene.Folder.Faulty("hang-at-start"), "ready");

        deploy.Signal("INT");

        var program = await deploy.WaitAsync();
        Assert.Equal(130, program.ExitCode);
        var result = Scene.ResultOf(program);
        Assert.Equal(Outcomes.Cancelled, result.Outcome);
        Assert.Equal("cancelled", result.Failure);
        Assert.Equal(scene.First.Release, result.Release);
        await scene.AssertFirstServesOnAsync();
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Interrupt_AfterSwitch_DeploymentIsCarriedThrough()
    {
        await using var scene = await Scene.StartAsync(LongProbation);
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);
        await using var deploy = await scene.BeginDeployAsync(scene.Folder.Working("second"), "probation");

        deploy.Signal("INT");

        var program = await deploy.WaitAsync();
        Assert.Equal(0, program.ExitCode);
        Assert.Equal(Outcomes.Committed, Scene.ResultOf(program).Outcome);
        await scene.AssertNothingLeftAsync();
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task KillOfDeploy_BeforeSwitch_OldServesOn()
    {
        await using var scene = await Scene.StartAsync();
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);
        await using var deploy = await scene.BeginDeployAsync(scene.Folder.Faulty("hang-at-start"), "ready");

        deploy.Signal("KILL");

        await scene.Service.WaitForStatusAsync(status => status.Operation is null);
        await scene.AssertFirstServesOnAsync();
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task KillOfDeploy_AfterSwitch_DeploymentIsCarriedThrough()
    {
        await using var scene = await Scene.StartAsync(LongProbation);
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);
        await using var deploy = await scene.BeginDeployAsync(scene.Folder.Working("second"), "probation");

        deploy.Signal("KILL");

        var status = await scene.Service.WaitForStatusAsync(now => now is { Operation: null, Committed: true });
        Assert.Equal(scene.First.Release, status.PreviousRelease);
        Assert.NotEqual(scene.First.Release, status.Release);
        await scene.AssertNothingLeftAsync();
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Deploy_ByTwoOperatorsAtOnce_OneIsCarriedOutAndTheOtherRefused()
    {
        await using var scene = await Scene.StartAsync();
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);
        string[] releases = [scene.Folder.Working("second"), scene.Folder.Working("third")];

        var both = releases.Select(release => scene.Service.Begin("deploy", release, "--json")).ToList();
        var ended = await Task.WhenAll(both.Select(one => one.WaitAsync()));

        Assert.Equal([0, 4], ended.Select(program => program.ExitCode).Order());
        var carriedOut = Scene.ResultOf(ended.Single(program => program.ExitCode == 0));
        var status = await scene.Service.StatusAsync();
        Assert.Equal((carriedOut.Release, 1L), (status.Release, status.Supervisor.Deployments));
        Assert.Equal(carriedOut.Release, Assert.Single(status.Workers).Release);
        await scene.AssertNothingLeftAsync();
        await load.EndWithoutLossAsync();
        foreach (var one in both)
            await one.DisposeAsync();
    }

    [Fact]
    public async Task Deploy_DuringADeployment_IsRefusedWithWhoAndSinceWhen()
    {
        await using var scene = await Scene.StartAsync();
        await using var deploy = await scene.BeginDeployAsync(scene.Folder.Faulty("hang-at-start"), "ready");
        var underWay = (await scene.Service.StatusAsync()).Operation!;
        var second = scene.Folder.Working("second");

        foreach (var arguments in new[] { new[] { "deploy", second }, ["rollback"] })
        {
            var refused = await scene.Service.RunAsync(arguments);
            Assert.Equal(4, refused.ExitCode);
            Assert.Contains(
                $"{underWay.Who} has a deploy under way since {underWay.Since:HH:mm:ss} UTC (phase: ready)",
                refused.Error,
                StringComparison.Ordinal);
        }

        deploy.Signal("INT");
        await deploy.WaitAsync();
        await scene.AssertFirstServesOnAsync();
    }
}
