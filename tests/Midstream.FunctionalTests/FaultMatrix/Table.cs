using Midstream.Core.Deployments;

namespace Midstream.FunctionalTests.FaultMatrix;

/// <summary>The matrix as docs/guarantees.md shows it.</summary>
internal static class Table
{
    /// <summary>Gets the table's lines.</summary>
    public static IReadOnlyList<string> Lines =>
    [
        $"| At the step | {string.Join(" | ", Enum.GetValues<MatrixFault>().Select(NameOf))} | Test |",
        $"|---|{string.Concat(Enum.GetValues<MatrixFault>().Select(_ => "---|"))}---|",
        .. Enum.GetValues<MatrixStep>().Select(Row),
    ];

    private static string Row(MatrixStep step)
    {
        var cells = Cell.All.Where(one => one.Step == step).Select(one => one.Text);
        return $"| {NameOf(step)} | {string.Join(" | ", cells)} | {TestOf(step)} |";
    }

    private static string TestOf(MatrixStep step) => $"`{nameof(FaultMatrixTests)}." + step switch
    {
        MatrixStep.SelfUpdate => nameof(FaultMatrixTests.Upgrade_WithAFault_LosesNothingAndTheNextOneSucceeds),
        MatrixStep.TakeOver => nameof(FaultMatrixTests.Run_AfterAKillAndWithAFault_TakesOverAndTheNextOneDoes),
        _ => nameof(FaultMatrixTests.Deploy_FaultAtAStep_LosesNothingElseAndTheNextOneSucceeds),
    } + "`";

    private static string NameOf(MatrixStep step) => step switch
    {
        MatrixStep.Spawn => "spawn",
        MatrixStep.Ready => PhaseNames.Of(DeploymentPhase.Ready),
        MatrixStep.Switch => PhaseNames.Of(DeploymentPhase.Switch),
        MatrixStep.Drain => PhaseNames.Of(DeploymentPhase.Drain),
        MatrixStep.Stop => PhaseNames.Of(DeploymentPhase.Stop),
        MatrixStep.SelfUpdate => "self-update",
        _ => "take-over",
    };

    private static string NameOf(MatrixFault fault) => fault switch
    {
        MatrixFault.Exits => "the process exits",
        MatrixFault.IsKilled => "is killed",
        MatrixFault.Hangs => "hangs",
        MatrixFault.WritesRubbish => "writes rubbish",
        MatrixFault.DiskFull => "the disk is full",
        MatrixFault.NoDescriptors => "no descriptors are left",
        _ => "the clock jumps",
    };
}
