// Walks every cell of the generation's table.

using Midstream.Core.Generations;

namespace Midstream.Core.Tests.Generations;

public class GenerationLifecycleTests
{
    // state: became ready, activated, drain began, resumed, stop began, exited. "-" is a refusal.
    private static readonly string[] s_table =
    [
        "Starting: Ready - - - Stopping Ended",
        "Ready: - Serving - - Stopping Ended",
        "Serving: - - Draining - Stopping Ended",
        "Draining: - - - Serving Stopping Ended",
        "Stopping: - - - - - Ended",
        "Ended: - - - - - -",
    ];

    public static TheoryData<GenerationState, GenerationEvent, string> Cells()
    {
        var cells = new TheoryData<GenerationState, GenerationEvent, string>();
        foreach (string row in s_table)
        {
            string[] parts = row.Split(": ");
            string[] columns = parts[1].Split(' ');
            foreach (GenerationEvent happened in Enum.GetValues<GenerationEvent>())
                cells.Add(Enum.Parse<GenerationState>(parts[0]), happened, columns[(int)happened]);
        }

        return cells;
    }

    [Fact]
    public void Table_HasARow_ForEveryState() =>
        Assert.Equal(Enum.GetNames<GenerationState>(), s_table.Select(row => row.Split(':')[0]));

    [Theory]
    [MemberData(nameof(Cells))]
    public void Next_EveryCell_IsAsTheTableSays(GenerationState state, GenerationEvent happened, string expected)
    {
        GenerationTransition next = GenerationLifecycle.Next(state, happened);

        Assert.Equal(expected == "-", next.IsRefused);
        Assert.Equal(expected == "-" ? state : Enum.Parse<GenerationState>(expected), next.State);
        if (next.IsRefused)
        {
            Assert.Contains(state.ToString(), next.Refusal, StringComparison.Ordinal);
            Assert.Contains(happened.ToString(), next.Refusal, StringComparison.Ordinal);
        }
    }
}
