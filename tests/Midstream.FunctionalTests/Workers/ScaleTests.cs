using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;

namespace Midstream.FunctionalTests.Workers;

/// <summary>More and fewer workers while they serve.</summary>
public sealed class ScaleTests
{
    private const string One = """{ "probation": { "duration_ms": 200 } }""";

    [Fact]
    public async Task Scale_UpAndDown_LosesNothing()
    {
        await using var crew = await Crew.StartAsync(One);
        await using var load = await SteadyLoad.StartAsync(crew.Service.Url);

        foreach (var count in new[] { 3, 2, 4, 1 })
        {
            var scaled = await crew.Service.RunAsync("scale", $"{count}", "--json");
            Assert.Equal(Outcomes.Committed, Scene.ResultOf(scaled).Outcome);
            await crew.AssertServeAsync(count, crew.First.Release!);
        }

        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Deploy_AfterScale_KeepsTheNumber()
    {
        await using var crew = await Crew.StartAsync(One);
        await crew.Service.RunAsync("scale", "3");

        var result = await crew.Service.DeployWellAsync(crew.Folder.Working("second"));

        await crew.AssertServeAsync(3, result.Release!);
    }

    [Fact]
    public async Task Scale_NewWorkerFails_NumberIsWhatServes()
    {
        await using var crew = await Crew.StartAsync(One, folder => folder.Faulty("fail-in-slot:2"));
        await using var load = await SteadyLoad.StartAsync(crew.Service.Url);

        var scaled = await crew.Service.RunAsync("scale", "3", "--json");

        Assert.Equal(Outcomes.Failed, Scene.ResultOf(scaled).Outcome);
        await crew.AssertFirstServeOnAsync();
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Scale_GivenUp_NumberIsWhatServes()
    {
        await using var crew = await Crew.StartAsync(One, folder => folder.Faulty("hang-in-slot:2"));
        await using var scale = crew.Service.Begin("scale", "2", "--json");
        await scale.WaitForTextAsync("\"phase\":\"ready\"");

        scale.Signal("INT");

        Assert.Equal(Outcomes.Cancelled, Scene.ResultOf(await scale.WaitAsync()).Outcome);
        await crew.AssertFirstServeOnAsync();
    }
}
