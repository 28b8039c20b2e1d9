using Midstream.Core.Deployments;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Deployments;

/// <summary>Told how an operation gets on.</summary>
internal interface IPhaseProgress
{
    /// <summary>Gets the time since the operation began, in milliseconds.</summary>
    long ElapsedMs { get; }

    /// <summary>A phase begins.</summary>
    /// <param name="phase">The phase.</param>
    /// <param name="detail">What a person wants to know of it; null when there is nothing to say.</param>
    void Enter(DeploymentPhase phase, string? detail = null);

    /// <summary>A new generation's process exists.</summary>
    /// <param name="worker">The generation.</param>
    void Launched(Worker worker);
}
