// Every cell of the table at the top of StandbyTable.cs.

using Midstream.Core.Reserves;

namespace Midstream.Core.Tests.Reserves;

public sealed class StandbyTableTests
{
    [Fact]
    public void Decide_EveryCombination_IsTheTables()
    {
        var walked = 0;
        foreach (var busy in new[] { true, false })
        foreach (var there in Enum.GetValues<StandbyThere>())
        foreach (var service in Enum.GetValues<StandbyService>())
        foreach (var wanted in new[] { true, false })
        {
            var facts = new StandbyFacts(busy, there, service, wanted);
            Assert.Equal((facts, Expected(facts)), (facts, StandbyTable.Decide(facts)));
            walked++;
        }

        Assert.Equal(36, walked);
    }

    private static StandbyStep Expected(StandbyFacts facts)
    {
        if (facts.IsBusy)
            return StandbyStep.Wait;
        if (facts.There != StandbyThere.None)
            return facts is { There: StandbyThere.Fitting, IsWanted: true } ? StandbyStep.Wait : StandbyStep.End;
        if (!facts.IsWanted)
            return StandbyStep.Wait;
        return facts.Service switch
        {
            StandbyService.Down => StandbyStep.Wait,
            StandbyService.WithoutGate => StandbyStep.Report,
            _ => StandbyStep.Start,
        };
    }
}
