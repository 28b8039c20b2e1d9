// Walks every cell of the deployment's table.

using Midstream.Core.Deployments;

namespace Midstream.Core.Tests.Deployments;

public class DeploymentLifecycleTests
{
    // phase: on success, on failure, on cancellation. "x" ends the deployment in the phase, "-" is a refusal.
    private static readonly string[] s_table =
    [
        "Store: Start InProgress, x Abandoned, x Cancelled",
        "Start: Ready InProgress, x Abandoned, x Cancelled",
        "Ready: Health InProgress, x Abandoned, x Cancelled",
        "Health: WarmUp InProgress, x Abandoned, x Cancelled",
        "WarmUp: Switch InProgress, x Abandoned, x Cancelled",
        "Switch: Drain InProgress, x Abandoned, Switch InProgress",
        "Drain: Stop InProgress, x RolledBack, Drain InProgress",
        "Stop: Probation InProgress, x RolledBack, Stop InProgress",
        "Probation: Committed Committed, x RolledBack, Probation InProgress",
        "Committed: -, -, -",
    ];

    public static TheoryData<DeploymentPhase, DeploymentEvent, string> Cells()
    {
        var cells = new TheoryData<DeploymentPhase, DeploymentEvent, string>();
        foreach (string row in s_table)
        {
            string[] parts = row.Split(": ");
            string[] columns = parts[1].Split(", ");
            foreach (DeploymentEvent happened in Enum.GetValues<DeploymentEvent>())
                cells.Add(Enum.Parse<DeploymentPhase>(parts[0]), happened, columns[(int)happened]);
        }

        return cells;
    }

    [Fact]
    public void Table_HasARow_ForEveryPhase() =>
        Assert.Equal(Enum.GetNames<DeploymentPhase>(), s_table.Select(row => row.Split(':')[0]));

    [Theory]
    [MemberData(nameof(Cells))]
    public void Next_EveryCell_IsAsTheTableSays(DeploymentPhase phase, DeploymentEvent happened, string expected)
    {
        if (expected == "-")
        {
            InvalidOperationException refusal =
                Assert.Throws<InvalidOperationException>(() => DeploymentLifecycle.Next(phase, happened));
            Assert.Contains(phase.ToString(), refusal.Message, StringComparison.Ordinal);
            Assert.Contains(happened.ToString(), refusal.Message, StringComparison.Ordinal);
            return;
        }

        string[] words = expected.Split(' ');
        DeploymentPhase next = words[0] == "x" ? phase : Enum.Parse<DeploymentPhase>(words[0]);
        DeploymentOutcome outcome = Enum.Parse<DeploymentOutcome>(words[1]);
        Assert.Equal(new DeploymentStep(next, outcome), DeploymentLifecycle.Next(phase, happened));
        Assert.Equal(outcome != DeploymentOutcome.InProgress, DeploymentLifecycle.Next(phase, happened).HasEnded);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void IsCancellable_EveryPhase_AgreesWithNext(DeploymentPhase phase, DeploymentEvent happened, string expected)
    {
        if (happened == DeploymentEvent.Cancelled)
            Assert.Equal(expected == "x Cancelled", DeploymentLifecycle.IsCancellable(phase));
    }

    [Fact]
    public void Next_UnknownEvent_IsRefused() =>
        Assert.Throws<InvalidOperationException>(() => DeploymentLifecycle.Next(DeploymentPhase.Store, (DeploymentEvent)99));
}
