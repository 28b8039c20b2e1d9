// What a deployment does next.
//
//   phase      | succeeded           | failed              | cancelled
//   -----------+---------------------+---------------------+--------------------
//   store      | start               | ends: abandoned     | ends: cancelled
//   start      | ready               | ends: abandoned     | ends: cancelled
//   ready      | health              | ends: abandoned     | ends: cancelled
//   health     | warm-up             | ends: abandoned     | ends: cancelled
//   warm-up    | switch              | ends: abandoned     | ends: cancelled
//   switch     | drain               | ends: abandoned     | switch (goes on)
//   drain      | stop                | ends: rolled back   | drain (goes on)
//   stop       | probation           | ends: rolled back   | stop (goes on)
//   probation  | ends: committed     | ends: rolled back   | probation (goes on)
//   committed  | refused             | refused             | refused
//
// A phase without work (no health check, no warm-up, no old worker, no probation) succeeds at once.
// "failed" in switch leaves the old generation serving: it has not been told to drain. "failed" in drain, stop and probation
// means that the new generation crashed or is unhealthy; draining and stopping themselves cannot fail, for their deadlines end
// them.

namespace Midstream.Core.Deployments;

/// <summary>
/// Decides, without doing anything, how a deployment goes on. The contract:
/// <list type="bullet">
/// <item>Order: phases follow one another in the order of <see cref="DeploymentPhase"/>; none is left out.</item>
/// <item>Failure: before <see cref="DeploymentPhase.Drain"/> the old serves on; later the previous release returns.</item>
/// <item>Cancellation: up to <see cref="DeploymentPhase.WarmUp"/> it ends the deployment; later it changes nothing.</item>
/// </list>
/// </summary>
public static class DeploymentLifecycle
{
    /// <summary>Tells whether a cancellation in this phase ends the deployment.</summary>
    /// <param name="phase">The phase the deployment is in.</param>
    public static bool IsCancellable(DeploymentPhase phase) => phase < DeploymentPhase.Switch;

    /// <summary>Decides what follows an event in a phase.</summary>
    /// <param name="phase">The phase the deployment is in.</param>
    /// <param name="happened">What happened in it.</param>
    /// <returns>The phase to be in and how the deployment stands.</returns>
    /// <exception cref="InvalidOperationException">The deployment is committed; the message names phase and event.</exception>
    public static DeploymentStep Next(DeploymentPhase phase, DeploymentEvent happened) => (phase, happened) switch
    {
        (DeploymentPhase.Committed, _) => throw Refusal(phase, happened),
        (DeploymentPhase.Probation, DeploymentEvent.Succeeded) => new(DeploymentPhase.Committed, DeploymentOutcome.Committed),
        (_, DeploymentEvent.Succeeded) => new(phase + 1, DeploymentOutcome.InProgress),
        ( < DeploymentPhase.Drain, DeploymentEvent.Failed) => new(phase, DeploymentOutcome.Abandoned),
        (_, DeploymentEvent.Failed) => new(phase, DeploymentOutcome.RolledBack),
        (_, DeploymentEvent.Cancelled) when IsCancellable(phase) => new(phase, DeploymentOutcome.Cancelled),
        (_, DeploymentEvent.Cancelled) => new(phase, DeploymentOutcome.InProgress),
        _ => throw Refusal(phase, happened),
    };

    private static InvalidOperationException Refusal(DeploymentPhase phase, DeploymentEvent happened) =>
        new($"A deployment in phase {phase} cannot take the event {happened}; it has ended or the event is unknown.");
}
