using Midstream.Control.Workers;

namespace Midstream.Control.Operators;

/// <summary>How state was handed over from one generation to the next.</summary>
/// <param name="FreezeMs">The longest time that writers waited at a switch, in milliseconds.</param>
/// <param name="Changes">The changes that came while the state was on its way, all of them carried over.</param>
public sealed record StateReport(double FreezeMs, long Changes)
{
    /// <summary>Adds hand-overs to a report.</summary>
    /// <param name="before">The report so far; null for none.</param>
    /// <param name="handedOver">The hand-overs; those that did not take place are null.</param>
    /// <returns>The sum; null when there was none at all.</returns>
    public static StateReport? Sum(StateReport? before, IEnumerable<StateHandedOverMessage?> handedOver)
    {
        foreach (var one in handedOver.OfType<StateHandedOverMessage>())
            before = new StateReport(
                Math.Max(before?.FreezeMs ?? 0, one.FreezeMs), (before?.Changes ?? 0) + one.Changes);
        return before;
    }
}
