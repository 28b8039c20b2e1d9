// Whether a worker is hung or busy.
//
//   heartbeat | health check | requests | verdict
//   ----------+--------------+----------+----------------
//   silent    | any          | any      | hung, silent
//   none      | failing      | any      | hung, unhealthy
//   beating   | failing      | any      | hung, unhealthy
//   beating   | good, none   | long     | busy
//   beating   | good, none   | short    | well
//   none      | good, none   | any      | well
//
// Long requests alone never condemn a worker: an upload or a report may take an hour. And none are known of a worker that has
// never reported. Who waits for what never comes in a request of its own, without a health check, counts as busy for ever.

namespace Midstream.Core.Liveness;

/// <summary>Decides, without doing anything, whether a worker is hung or busy.</summary>
public static class LivenessTable
{
    /// <summary>Decides how a worker is.</summary>
    /// <param name="facts">What is known of it.</param>
    /// <returns>The verdict.</returns>
    public static LivenessVerdict Decide(LivenessFacts facts) => facts switch
    {
        { Heartbeat: Heartbeat.Silent } => LivenessVerdict.HungSilent,
        { Health: HealthAnswers.Failing } => LivenessVerdict.HungUnhealthy,
        { Heartbeat: Heartbeat.Beating, RequestsAreLong: true } => LivenessVerdict.Busy,
        _ => LivenessVerdict.Well,
    };

    /// <summary>Tells whether a verdict asks for the worker's replacement.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <returns>True for the two kinds of hung.</returns>
    public static bool IsHung(this LivenessVerdict verdict) =>
        verdict is LivenessVerdict.HungSilent or LivenessVerdict.HungUnhealthy;
}
