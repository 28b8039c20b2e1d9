// Walks every cell of the table of a module's generation.

using Midstream.Core.Modules;

namespace Midstream.Core.Tests.Modules;

public class ModuleLifecycleTests
{
    // state: moved in, moved beside, kept, moved out, ended, stopped, was collected, stayed, cannot leave. "-" is a refusal.
    private static readonly string[] s_table =
    [
        "Preparing: Serving Canary - - Stopping - - - -",
        "Canary: Serving - - Draining - - - - -",
        "Serving: - - Paused Draining - - - - -",
        "Paused: Serving - - Draining - - - - -",
        "Draining: - - - - Stopping - - - -",
        "Stopping: - - - - - Unloading - - -",
        "Unloading: - - - - - - Collected Pinned Budgeted",
        "Collected: - - - - - - - - -",
        "Pinned: - - - - - - Collected - -",
        "Budgeted: - - - - - - - - -",
    ];

    public static TheoryData<ModuleState, ModuleEvent, string> Cells() =>
        LifecycleTable.Cells<ModuleState, ModuleEvent>(s_table, " ");

    [Fact]
    public void Table_HasARow_ForEveryState() => LifecycleTable.HasEveryRow<ModuleState>(s_table);

    [Theory]
    [MemberData(nameof(Cells))]
    public void Next_EveryCell_IsAsTheTableSays(ModuleState state, ModuleEvent happened, string expected) =>
        Assert.Equal(expected == "-" ? null : Enum.Parse<ModuleState>(expected), ModuleLifecycle.Next(state, happened));
}
