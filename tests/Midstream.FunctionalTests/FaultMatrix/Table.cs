using Midstream.Core.Deployments;

namespace Midstream.FunctionalTests.FaultMatrix;

/// <summary>The matrix as docs/guarantees.md shows it.</summary>
internal static class Table
{
    /// <summary>The test of every cell.</summary>
    public const string Test =
        $"`{nameof(FaultMatrixTests)}.{nameof(FaultMatrixTests.Deploy_FaultAtAStep_LosesNothingElseAndTheNextOneSucceeds)}`";

    /// <summary>Gets the table's lines.</summary>
    public static IReadOnlyList<string> Lines =>
    [
        $"| At the step | {string.Join(" | ", Enum.GetValues<MatrixFault>().Select(NameOf))} | Test |",
        $"|---|{string.Concat(Enum.GetValues<MatrixFault>().Select(_ => "---|"))}---|",
        .. Enum.GetValues<MatrixStep>().Select(Row),
    ];

    private static string Row(MatrixStep step) =>
        $"| {NameOf(step)} | {string.Join(" | ", Cell.All.Where(one => one.Step == step).Select(one => one.Text))} | {Test} |";

    private static string NameOf(MatrixStep step) => step switch
    {
        MatrixStep.Spawn => "spawn",
        MatrixStep.Ready => PhaseNames.Of(DeploymentPhase.Ready),
        MatrixStep.Switch => PhaseNames.Of(DeploymentPhase.Switch),
        MatrixStep.Drain => PhaseNames.Of(DeploymentPhase.Drain),
        _ => PhaseNames.Of(DeploymentPhase.Stop),
    };

    private static string NameOf(MatrixFault fault) => fault switch
    {
        MatrixFault.Exits => "the worker exits",
        MatrixFault.IsKilled => "is killed",
        MatrixFault.Hangs => "hangs",
        MatrixFault.WritesRubbish => "writes rubbish",
        MatrixFault.DiskFull => "the disk is full",
        MatrixFault.NoDescriptors => "no descriptors are left",
        _ => "the clock jumps",
    };
}
