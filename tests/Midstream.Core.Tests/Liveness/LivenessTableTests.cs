// Walks every cell of the table that tells a hung worker from a busy one.

using Midstream.Core.Liveness;

namespace Midstream.Core.Tests.Liveness;

public class LivenessTableTests
{
    // heartbeat, health check: requests short, requests long.
    private static readonly string[] s_table =
    [
        "None None: Well Well",
        "None Good: Well Well",
        "None Failing: HungUnhealthy HungUnhealthy",
        "Beating None: Well Busy",
        "Beating Good: Well Busy",
        "Beating Failing: HungUnhealthy HungUnhealthy",
        "Silent None: HungSilent HungSilent",
        "Silent Good: HungSilent HungSilent",
        "Silent Failing: HungSilent HungSilent",
    ];

    public static TheoryData<LivenessFacts, LivenessVerdict> Cells()
    {
        var cells = new TheoryData<LivenessFacts, LivenessVerdict>();
        foreach (string row in s_table)
        {
            string[] parts = row.Split([' ', ':'], StringSplitOptions.RemoveEmptyEntries);
            foreach (bool isLong in new[] { false, true })
            {
                cells.Add(
                    new LivenessFacts(Enum.Parse<Heartbeat>(parts[0]), Enum.Parse<HealthAnswers>(parts[1]), isLong),
                    Enum.Parse<LivenessVerdict>(parts[isLong ? 3 : 2]));
            }
        }

        return cells;
    }

    [Fact]
    public void Table_HasARow_ForEveryCombination() => Assert.Equal(
        from heartbeat in Enum.GetNames<Heartbeat>() from health in Enum.GetNames<HealthAnswers>() select $"{heartbeat} {health}",
        s_table.Select(row => row.Split(':')[0]));

    [Theory]
    [MemberData(nameof(Cells))]
    public void Decide_EveryCell_IsAsTheTableSays(LivenessFacts facts, LivenessVerdict expected) =>
        Assert.Equal(expected, LivenessTable.Decide(facts));

    [Fact]
    public void IsHung_OfEveryVerdict_IsTrueForTheTwoKinds() => Assert.Equal(
        [LivenessVerdict.HungSilent, LivenessVerdict.HungUnhealthy],
        Enum.GetValues<LivenessVerdict>().Where(verdict => verdict.IsHung()));
}
