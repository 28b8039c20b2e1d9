using Midstream.FunctionalTests.Faults;
using Midstream.FunctionalTests.Succession;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.FaultMatrix;

/// <summary>Every fault at every step of a replacement, of an update of the supervisor and of a take-over, under load, with one
/// checker of what must hold afterwards.</summary>
public sealed class FaultMatrixTests
{
    // Longer than a start takes on a busy machine: what hangs is waited for this long.
    private const string Configuration = """
        {
          "ready": { "timeout_ms": 8000 },
          "drain": { "timeout_ms": 2000 },
          "stop": { "timeout_ms": 2000 },
          "health": { "path": "/", "interval_ms": 50 },
          "probation": { "duration_ms": 200 }
        }
        """;

    public static TheoryData<MatrixStep, MatrixFault> Cells =>
        [.. Cell.OfAReplacement.Select(cell => (cell.Step, cell.Fault))];

    public static TheoryData<MatrixFault> Faults => [.. Enum.GetValues<MatrixFault>()];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Deploy_FaultAtAStep_LosesNothingElseAndTheNextOneSucceeds(MatrixStep step, MatrixFault fault)
    {
        var cell = new Cell(step, fault);
        await using var surroundings = await Surroundings.MakeAsync(fault);
        var gate = await Gate.MakeAsync(surroundings.Folder, $"{step}".ToLowerInvariant());
        var gated = gate.Release(surroundings.Folder);
        var isOldHeld = step >= MatrixStep.Drain;
        await using var scene = await Scene.StartAsync(
            surroundings.Folder, Configuration, isOldHeld ? _ => gated : null, surroundings.Environment, surroundings.Disk);
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);

        var result = await new Attempt(cell, scene, gate, surroundings).RunAsync(
            isOldHeld ? scene.Folder.Working("second") : gated);

        Assert.True(result.Outcome == cell.Outcome, $"Not {cell.Outcome}: {result}\n{scene.Service.Supervisor.Error}");
        await Aftermath.AssertSoundAsync(scene, result);
        await (cell.EndsAServingWorker ? load.EndWithOneKilledAsync() : load.EndWithoutLossAsync());
    }

    [Theory(Timeout = SuccessionScene.LongestMs)]
    [MemberData(nameof(Faults))]
    public async Task Upgrade_WithAFault_LosesNothingAndTheNextOneSucceeds(MatrixFault fault)
    {
        var cell = new Cell(MatrixStep.SelfUpdate, fault);
        await using var surroundings = await Surroundings.MakeAsync(fault);
        await using var scene = await SuccessionScene.StartAsync(2, UpgradeAttempt.Options, surroundings: surroundings);
        await using var load = await SteadyLoad.StartAsync(scene.Url);

        var result = await new UpgradeAttempt(cell, scene, surroundings).RunAsync();

        Assert.True(result.Outcome == cell.Outcome, $"Not {cell.Outcome}: {result}\n{scene.FirstError}");
        // Whatever became of it, the workers have not noticed.
        var status = await scene.Service.StatusAsync();
        Assert.Equal(scene.First.Workers.Select(worker => worker.Pid), status.Workers.Select(worker => worker.Pid));
        await Aftermath.AssertSoundAsync(scene, scene.UpgradeWellAsync);
        await load.EndWithoutLossAsync();
    }

    [Theory(Timeout = SuccessionScene.LongestMs)]
    [MemberData(nameof(Faults))]
    public async Task Run_AfterAKillAndWithAFault_TakesOverAndTheNextOneDoes(MatrixFault fault)
    {
        var cell = new Cell(MatrixStep.TakeOver, fault);
        await using var surroundings = await Surroundings.MakeAsync(fault);
        var attempt = await TakeOverAttempt.StartAsync(cell, surroundings);
        await using var scene = attempt.Scene;
        await using var load = await SteadyLoad.StartAsync(scene.Url);

        await attempt.RunAsync();

        await Aftermath.AssertSoundAsync(scene, scene.KillAndRunAsync);
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
