// How soon and how often a crashed worker is started again: doubling waits, and an end to trying.

using System.Globalization;
using Midstream.Core.Configuration;

namespace Midstream.Core.Restarts;

/// <summary>Decides about restarts from the times of past crashes alone. Immutable, so safe from any thread.</summary>
/// <param name="model">The bounds.</param>
public sealed class RestartPolicy(RestartModel model)
{
    /// <summary>Decides what to do after the latest crash.</summary>
    /// <param name="crashes">
    /// When the worker crashed, the latest included, in any order. Those older than the window do not count. Those later than
    /// <paramref name="now"/> do: they happened, and only the clock was set back since.
    /// </param>
    /// <param name="now">The present.</param>
    public RestartDecision Decide(IReadOnlyList<DateTimeOffset> crashes, DateTimeOffset now)
    {
        int recent = crashes.Count(crash => now - crash <= model.Window);
        return recent >= model.CrashesMax ? GivingUp(recent) : Restarting(Math.Max(recent, 1));
    }

    private RestartDecision GivingUp(int recent) => new()
    {
        GiveUp = true,
        Delay = TimeSpan.Zero,
        Reason = Invariant($"The worker crashed {Times(recent)} within {Seconds(model.Window)} s; restart.crashes_max is ")
            + Invariant($"{model.CrashesMax}. Look at its log, then deploy a release that works."),
    };

    private RestartDecision Restarting(int recent)
    {
        TimeSpan delay = DelayAfter(recent);
        return new RestartDecision
        {
            GiveUp = false,
            Delay = delay,
            Reason = Invariant($"The worker crashed {Times(recent)} within {Seconds(model.Window)} s; ")
                + Invariant($"it starts again in {Seconds(delay)} s."),
        };
    }

    // Doubles step by step and stops at the cap, because 2^n overflows long before crashes_max ends.
    private TimeSpan DelayAfter(int recent)
    {
        TimeSpan delay = model.DelayMin;
        for (int crash = 1; crash < recent && delay < model.DelayMax; crash++)
            delay *= 2;

        return delay < model.DelayMax ? delay : model.DelayMax;
    }

    private static string Times(int count) => count == 1 ? "once" : Invariant($"{count} times");

    private static double Seconds(TimeSpan time) => time.TotalSeconds;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
