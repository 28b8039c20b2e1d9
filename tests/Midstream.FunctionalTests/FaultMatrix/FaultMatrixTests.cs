using Midstream.FunctionalTests.Faults;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.FaultMatrix;

/// <summary>Every fault at every step of a replacement, under load, with one checker of what must hold afterwards.</summary>
public sealed class FaultMatrixTests
{
    // Longer than a start takes on a busy machine: what hangs is waited for this long.
    private const string Configuration = """
        {
          "ready": { "timeout_ms": 8000 },
          "drain": { "timeout_ms": 2000 },
          "stop": { "timeout_ms": 2000 },
          "probation": { "duration_ms": 200 }
        }
        """;

    public static TheoryData<MatrixStep, MatrixFault> Cells => [.. Cell.All.Select(cell => (cell.Step, cell.Fault))];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Deploy_FaultAtAStep_LosesNothingElseAndTheNextOneSucceeds(MatrixStep step, MatrixFault fault)
    {
        var obstacle = Surroundings.Obstacle(fault);
        Assert.SkipWhen(obstacle is not null, obstacle ?? "");
        var cell = new Cell(step, fault);
        var folder = new TemporaryFolder();
        var surroundings = new Surroundings(folder, fault);
        var gate = await Gate.MakeAsync(folder, $"{step}".ToLowerInvariant());
        var gated = gate.Release(folder);
        var isOldHeld = step >= MatrixStep.Drain;
        await using var scene = await Scene.StartAsync(
            folder, Configuration, isOldHeld ? _ => gated : null, surroundings.Environment, surroundings.StateBytesMax);
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);

        var result = await new Attempt(cell, scene, gate, surroundings).RunAsync(
            isOldHeld ? folder.Working("second") : gated);

        Assert.True(result.Outcome == cell.Outcome, $"Not {cell.Outcome}: {result}\n{scene.Service.Supervisor.Error}");
        await Aftermath.AssertSoundAsync(scene, result);
        await (cell.EndsAServingWorker ? load.EndWithOneKilledAsync() : load.EndWithoutLossAsync());
    }

    [Fact]
    public void Table_OfTheGuarantees_IsTheMatrixThatIsTested()
    {
        var document = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "guarantees.md"));

        var shown = document.SkipWhile(line => line != Table.Lines[0]).TakeWhile(line => line.StartsWith('|'));

        Assert.Equal(Table.Lines, shown);
    }
}
