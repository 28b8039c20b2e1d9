// The steps of a deployment, in the order they are taken.

namespace Midstream.Core.Deployments;

/// <summary>Names what a deployment is doing. The order of the members is the order of the phases.</summary>
public enum DeploymentPhase
{
    /// <summary>The release is copied into the store.</summary>
    Store,

    /// <summary>A worker of the new generation is started.</summary>
    Start,

    /// <summary>The new worker is given time to become ready.</summary>
    Ready,

    /// <summary>The new worker answers a health check.</summary>
    Health,

    /// <summary>The new worker answers the warm-up requests.</summary>
    WarmUp,

    /// <summary>The state is written, which is the commit point, and the new worker is activated.</summary>
    Switch,

    /// <summary>The old worker finishes or hands over its connections.</summary>
    Drain,

    /// <summary>The old worker is ended.</summary>
    Stop,

    /// <summary>The new generation is watched.</summary>
    Probation,

    /// <summary>The deployment is done and will not go back by itself.</summary>
    Committed,
}
