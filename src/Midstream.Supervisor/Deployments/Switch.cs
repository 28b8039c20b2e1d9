using System.Runtime.InteropServices;
using Midstream.Control.Workers;
using Midstream.Core.Configuration;
using Midstream.Core.Deployments;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Deployments;

/// <summary>
/// Moves the traffic from one generation to the next: the new one opens its gate, then the old one closes its own and lets
/// go of its connections, into the new one's hands where both can.
/// </summary>
internal static class Switch
{
    private static readonly TimeSpan s_answerTime = TimeSpan.FromSeconds(10);

    /// <summary>Opens the new generation's gate. When this returns it accepts; when it throws, nothing has changed.</summary>
    /// <param name="worker">The new generation.</param>
    /// <param name="handOver">Its end of the channel from the old one; null when connections do not move.</param>
    /// <param name="isPaused">The service is paused: the gate stays closed.</param>
    /// <returns>A task that ends when it is in service.</returns>
    /// <exception cref="WorkerFailedException">It did not answer, or has no gate to be kept closed.</exception>
    public static async Task ActivateAsync(Worker worker, SafeHandle? handOver, bool isPaused)
    {
        // A program without a gate accepts since it listens.
        if (!worker.SpeaksMidstream)
        {
            if (isPaused)
                throw new WorkerFailedException(
                    DeploymentFailure.CannotPause,
                    $"The service is paused, and the new generation (process {worker.Pid}) has no accept gate, for its program " +
                        "does not speak Midstream's protocol. 'midstream resume', then try again.",
                    []);
            worker.ServesWithoutGate();
            return;
        }

        using var patience = new Patience(s_answerTime, worker.Time);
        try
        {
            await worker.ActivateAsync(handOver, isPaused, patience.Token);
        }
        catch (Exception silent) when (silent is OperationCanceledException or IOException)
        {
            throw new WorkerFailedException(
                DeploymentFailure.ActivationFailed,
                $"The new generation (process {worker.Pid}) did not open its gate: {silent.Message}",
                worker.LastLines);
        }
    }

    /// <summary>Makes the old generation let go of its connections, within the drain's time.</summary>
    /// <param name="old">The old generation.</param>
    /// <param name="handOver">Its end of the channel to the new one; null when connections do not move.</param>
    /// <param name="service">The time limits.</param>
    /// <returns>What became of the connections; null when it cannot tell.</returns>
    public static async Task<DrainReport?> DrainAsync(Worker old, SafeHandle? handOver, ServiceModel service)
    {
        if (!old.SpeaksMidstream)
        {
            await old.StopAsync(service.Stop.Signal, service.Drain.Timeout);
            return null;
        }

        using var patience = new Patience(service.Drain.Timeout + s_answerTime, old.Time);
        try
        {
            return await old.DrainAsync(handOver, service.Drain.Timeout, patience.Token);
        }
        catch (Exception silent) when (silent is OperationCanceledException or IOException)
        {
            // It hangs or has died: it is going to be ended either way.
            return null;
        }
    }

    /// <summary>Makes the old generation serve on, after the new one has failed in the middle of the switch.</summary>
    /// <param name="old">The old generation.</param>
    /// <param name="isPaused">The service is paused: the gate stays closed.</param>
    /// <returns>False when it cannot: it is no worker of ours and has been told to stop, or it has died.</returns>
    public static async Task<bool> TryResumeAsync(Worker old, bool isPaused)
    {
        if (!old.SpeaksMidstream || old.Exited.IsCompleted)
            return false;
        using var patience = new Patience(s_answerTime, old.Time);
        try
        {
            await old.ResumeAsync(isPaused, patience.Token);
            return true;
        }
        catch (Exception silent) when (silent is OperationCanceledException or IOException)
        {
            return false;
        }
    }
}
