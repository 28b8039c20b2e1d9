// What can happen in a phase of a deployment.

namespace Midstream.Core.Deployments;

/// <summary>Names what happened in a phase.</summary>
public enum DeploymentEvent
{
    /// <summary>The phase did its work, or had none.</summary>
    Succeeded,

    /// <summary>The phase could not do its work, or the new generation failed during it.</summary>
    Failed,

    /// <summary>The deployment was taken back, its client went away, or the supervisor is to end.</summary>
    Cancelled,
}
