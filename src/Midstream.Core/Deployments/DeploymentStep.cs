// One decision of the deployment's lifecycle.

namespace Midstream.Core.Deployments;

/// <summary>Says where a deployment goes from an event.</summary>
/// <param name="Phase">The phase to be in; when the deployment ended otherwise than committed, the one it ended in.</param>
/// <param name="Outcome">How the deployment stands.</param>
public readonly record struct DeploymentStep(DeploymentPhase Phase, DeploymentOutcome Outcome)
{
    /// <summary>Whether the deployment has ended.</summary>
    public bool HasEnded => Outcome != DeploymentOutcome.InProgress;
}
