// Why a deployment did not come through: each member names the stage and the culprit.

namespace Midstream.Core.Deployments;

/// <summary>Names the reason a deployment failed. Up to the commit point the old generation has not noticed.</summary>
public enum DeploymentFailure
{
    /// <summary>Stage: start. Culprit: the release's command, which the operating system could not run.</summary>
    CannotStart,

    /// <summary>
    /// Stage: ready. Culprit: the new worker, which said that it will not become ready or spoke the control channel wrongly.
    /// </summary>
    WorkerNotReady,

    /// <summary>Stage: ready. Culprit: the new worker, which lives but was not ready within the time it had.</summary>
    WorkerNotReadyInTime,

    /// <summary>Stage: start or ready. Culprit: the new worker, which ended before it was ready.</summary>
    WorkerExitedBeforeReady,

    /// <summary>Stage: health. Culprit: the new worker, which failed its health check before the switch.</summary>
    HealthCheckFailed,

    /// <summary>Stage: warm-up. Culprit: the new worker, which failed a warm-up request.</summary>
    WarmUpFailed,

    /// <summary>Stage: switch. Culprit: the new worker, which did not start to accept when told; the old one resumed.</summary>
    ActivationFailed,

    /// <summary>
    /// Stage: any before the switch. Culprit: nobody; the person or program that asked for the deployment took it back.
    /// </summary>
    Cancelled,

    /// <summary>
    /// Stage: switch, before the commit point. Culprit: the state directory's disk, which did not take the new state.
    /// </summary>
    StateNotWritten,

    /// <summary>
    /// Stage: store. Culprit: the release's files or the disk, so that the release could not be copied or read back.
    /// </summary>
    ReleaseStoreFailed,

    /// <summary>
    /// Stage: after the switch, until probation ended. Culprit: the new worker, which crashed; the previous release is back.
    /// </summary>
    WorkerCrashedInProbation,

    /// <summary>
    /// Stage: after the switch, until probation ended. Culprit: the new worker, whose health failed; the previous release is
    /// back.
    /// </summary>
    HealthFailedInProbation,

    /// <summary>
    /// Stage: any before the switch. Culprit: nobody; the supervisor was asked to end. After the switch the release stands.
    /// </summary>
    SupervisorStopping,

    /// <summary>
    /// Stage: ready. Culprit: the new worker, which reads no version of a state's format that the old one writes.
    /// </summary>
    StateVersionsDiffer,

    /// <summary>
    /// Stage: ready. Culprit: the new worker, which did not import the state, or the old one, which ended over it.
    /// </summary>
    StateNotImported,

    /// <summary>
    /// Stage: switch. Culprit: the new worker, which had not read the last changes of the state in time; the old one is in
    /// charge.
    /// </summary>
    StateNotHandedOver,

    /// <summary>Stage: switch. Culprit: the new worker, whose singular services could not be started.</summary>
    LeaseNotTaken,

    /// <summary>
    /// Stage: switch. Culprit: the old worker, whose singular services did not stop in time; it has to be killed.
    /// </summary>
    LeaseNotReleased,

    /// <summary>
    /// Stage: a pause, outside a deployment. Culprit: a worker without an accept gate, or one that did not answer.
    /// </summary>
    CannotPause,

    /// <summary>
    /// Stage: ready, of workers that are to wait. Culprit: the new worker, which has no accept gate to wait behind.
    /// </summary>
    NoGate,

    /// <summary>
    /// Stage: the supervisor's own update. Culprit: the new program; the old one goes on.
    /// </summary>
    UpgradeFailed,

    /// <summary>
    /// Stage: a change of modules, before the move. Culprit: the package, which does not fit or failed in a worker; what served
    /// has not noticed.
    /// </summary>
    ModuleRefused,

    /// <summary>
    /// Stage: a change of modules, after the move. Culprit: a worker that could not move or died over it; all have gone back.
    /// </summary>
    ModuleNotMoved,

    /// <summary>
    /// Stage: a change of modules, in its probation. Culprit: the new generation, which failed clearly more of its requests than
    /// the one before; all have gone back.
    /// </summary>
    ModuleFailedInProbation,
}
