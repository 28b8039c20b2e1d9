// Walks every cell of the swap's table.

using Midstream.Core.Modules;

namespace Midstream.Core.Tests.Modules;

public class SwapLifecycleTests
{
    // phase: on success, on failure, when superseded. "x" ends the swap in the phase, "-" is a refusal.
    private static readonly string[] s_table =
    [
        "Verify: Load InProgress, x Abandoned, x Superseded",
        "Load: Build InProgress, x Abandoned, x Superseded",
        "Build: Migrate InProgress, x Abandoned, x Superseded",
        "Migrate: Start InProgress, x Abandoned, x Superseded",
        "Start: WarmUp InProgress, x Abandoned, x Superseded",
        "WarmUp: Move InProgress, x Abandoned, x Superseded",
        "Move: Done Moved, x Abandoned, x InProgress",
        "Done: -, -, -",
    ];

    public static TheoryData<SwapPhase, SwapEvent, string> Cells() => LifecycleTable.Cells<SwapPhase, SwapEvent>(s_table, ", ");

    [Fact]
    public void Table_HasARow_ForEveryPhase() => LifecycleTable.HasEveryRow<SwapPhase>(s_table);

    [Theory]
    [MemberData(nameof(Cells))]
    public void Next_EveryCell_IsAsTheTableSays(SwapPhase phase, SwapEvent happened, string expected)
    {
        if (expected == "-")
        {
            var refusal = Assert.Throws<InvalidOperationException>(() => SwapLifecycle.Next(phase, happened));
            Assert.Contains($"{phase}", refusal.Message, StringComparison.Ordinal);
            return;
        }

        var words = expected.Split(' ');
        var next = words[0] == "x" ? phase : Enum.Parse<SwapPhase>(words[0]);
        var step = SwapLifecycle.Next(phase, happened);
        Assert.Equal(new SwapStep(next, Enum.Parse<SwapOutcome>(words[1])), step);
        Assert.Equal(step.Outcome != SwapOutcome.InProgress, step.HasEnded);
    }
}
