// The spelling of phases and failures wherever a person or a program reads them: CLI, ledger, logs, metrics.

namespace Midstream.Core.Deployments;

/// <summary>
/// Spells phases and failures in kebab-case. The spellings are part of the product's contract and do not change.
/// </summary>
public static class PhaseNames
{
    /// <summary>Spells a phase, such as "warm-up".</summary>
    /// <param name="phase">The phase.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of the enum.</exception>
    public static string Of(DeploymentPhase phase) => phase switch
    {
        DeploymentPhase.Store => "store",
        DeploymentPhase.Start => "start",
        DeploymentPhase.Ready => "ready",
        DeploymentPhase.Health => "health",
        DeploymentPhase.WarmUp => "warm-up",
        DeploymentPhase.Switch => "switch",
        DeploymentPhase.Drain => "drain",
        DeploymentPhase.Stop => "stop",
        DeploymentPhase.Probation => "probation",
        DeploymentPhase.Committed => "committed",
        _ => throw new ArgumentOutOfRangeException(nameof(phase), phase, "No such phase."),
    };

    /// <summary>Spells a failure, such as "worker-not-ready-in-time".</summary>
    /// <param name="failure">The failure.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of the enum.</exception>
    public static string Of(DeploymentFailure failure) => failure switch
    {
        DeploymentFailure.CannotStart => "cannot-start",
        DeploymentFailure.WorkerNotReady => "worker-not-ready",
        DeploymentFailure.WorkerNotReadyInTime => "worker-not-ready-in-time",
        DeploymentFailure.WorkerExitedBeforeReady => "worker-exited-before-ready",
        DeploymentFailure.HealthCheckFailed => "health-check-failed",
        DeploymentFailure.WarmUpFailed => "warm-up-failed",
        DeploymentFailure.ActivationFailed => "activation-failed",
        DeploymentFailure.Cancelled => "cancelled",
        DeploymentFailure.StateNotWritten => "state-not-written",
        DeploymentFailure.ReleaseStoreFailed => "release-store-failed",
        DeploymentFailure.WorkerCrashedInProbation => "worker-crashed-in-probation",
        DeploymentFailure.HealthFailedInProbation => "health-failed-in-probation",
        DeploymentFailure.SupervisorStopping => "supervisor-stopping",
        DeploymentFailure.CannotPause => "cannot-pause",
        DeploymentFailure.NoGate => "no-gate",
        DeploymentFailure.UpgradeFailed => "upgrade-failed",
        DeploymentFailure.ModuleRefused => "module-refused",
        DeploymentFailure.ModuleNotMoved => "module-not-moved",
        DeploymentFailure.ModuleFailedInProbation => "module-failed-in-probation",
        DeploymentFailure.StateVersionsDiffer => "state-versions-differ",
        DeploymentFailure.StateNotImported => "state-not-imported",
        DeploymentFailure.StateNotHandedOver => "state-not-handed-over",
        DeploymentFailure.LeaseNotTaken => "lease-not-taken",
        DeploymentFailure.LeaseNotReleased => "lease-not-released",
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, "No such failure."),
    };
}
