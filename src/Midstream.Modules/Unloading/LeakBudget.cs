using Microsoft.Extensions.Logging;
using Midstream.Core.Modules;
using Midstream.HandOver;
using Midstream.Modules.Slots;

namespace Midstream.Modules.Unloading;

/// <summary>Counts the generations of a slot that stay in memory. Past the budget only another process is a cure: it is asked
/// for.</summary>
internal sealed partial class LeakBudget(
    ModulesOptions options, IReadOnlyList<IModuleEscalation> told, IReplacementWish? process, ILogger<LeakBudget> logger)
{
    /// <summary>Looks whether a slot is past its budget, and escalates if so.</summary>
    public void Check(ModuleSlot slot)
    {
        var staying = slot.Generations.Where(Stays).Select(ModuleHost.StatusOf).ToList();
        if (staying.Count <= options.LeakBudget)
            return;
        var escalation = new ModuleEscalation(slot.Name, options.LeakBudget, staying);
        var reason = escalation.ToString();
        LogEscalated(reason);
        process?.Ask(reason);
        foreach (var one in told)
            Tell(one, escalation);
    }

    // The verdict first: asking for it may change the state.
    private static bool Stays(ModuleGeneration generation) =>
        generation.Verdict is not null && generation.State is ModuleState.Pinned or ModuleState.Budgeted;

    private void Tell(IModuleEscalation one, ModuleEscalation escalation)
    {
        try
        {
            one.Escalate(escalation);
        }
        catch (Exception failed)
        {
            LogNotTold(one.GetType().Name, failed.ToString());
        }
    }

    [LoggerMessage(EventId = 312, EventName = "ModuleLeakBudgetExceeded", Level = LogLevel.Error,
        Message = "{Reason}. Under 'midstream run' this process asks to be replaced.")]
    private partial void LogEscalated(string reason);

    [LoggerMessage(EventId = 313, EventName = "ModuleEscalationFailed", Level = LogLevel.Error,
        Message = "{Escalation} has thrown: {Fault}")]
    private partial void LogNotTold(string escalation, string fault);
}
