using Midstream.Control.Workers;
using Midstream.Core.Deployments;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Deployments;

/// <summary>
/// Knows which worker runs the singular services, and sees to it that there is never more than one: it is revoked and answered,
/// or its holder is dead, before it is granted.
/// </summary>
/// <remarks>One call at a time.</remarks>
/// <param name="stopTime">The time that singular services have to stop.</param>
internal sealed class LeaseKeeper(TimeSpan stopTime)
{
    private static readonly TimeSpan s_answerTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_startTime = TimeSpan.FromSeconds(30);

    /// <summary>Gets the worker that has the lease, or may have it because it did not answer; null when there is none.</summary>
    public Worker? Holder { get; private set; }

    /// <summary>Gets whether the last one it was granted to did not take it.</summary>
    public bool IsInDoubt { get; private set; }

    /// <summary>Takes note of a worker that another supervisor has started: it says in its hello whether it has the
    /// lease.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="holdsLease">What it says.</param>
    /// <param name="isInDoubt">Whether the program before was not sure of it.</param>
    public void Adopt(Worker worker, bool holdsLease, bool isInDoubt = false)
    {
        if (holdsLease)
            (Holder, IsInDoubt) = (worker, isInDoubt);
    }

    /// <summary>Passes the lease on. A worker without singular services holds none.</summary>
    /// <param name="to">Who gets it. Its application has to have started.</param>
    /// <param name="cancellationToken">Gives it up; whoever had it may have lost it.</param>
    /// <returns>A task that ends when the singular services run in the new holder and nowhere else.</returns>
    /// <exception cref="WorkerFailedException">With <see cref="DeploymentFailure.LeaseNotReleased"/>: the holder still runs
    /// them; kill it, or give up. With <see cref="DeploymentFailure.LeaseNotTaken"/>: nobody runs them; kill the new worker, and
    /// call this with the old one.</exception>
    public async Task MoveAsync(Worker to, CancellationToken cancellationToken)
    {
        if (Holder == to)
            return;
        if (Holder is { } holder)
            await RevokeAsync(holder, cancellationToken);
        if (to.Capabilities.Contains(WorkerCapabilities.Lease))
            await GrantAsync(to, cancellationToken);
    }

    /// <summary>Grants the holder again what it has: nothing happens to it, unless it was being taken away.</summary>
    /// <param name="holder">The holder.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>A task that ends when the singular services run in it.</returns>
    /// <exception cref="WorkerFailedException">With <see cref="DeploymentFailure.LeaseNotTaken"/>: it did not answer, or cannot
    /// start them.</exception>
    public Task ConfirmAsync(Worker holder, CancellationToken cancellationToken) => GrantAsync(holder, cancellationToken);

    private async Task RevokeAsync(Worker holder, CancellationToken cancellationToken)
    {
        if (!holder.Exited.IsCompleted)
        {
            using var patience = new Patience(stopTime + s_answerTime, holder.Time, cancellationToken);
            try
            {
                var released = await holder.AskAsync<LeaseReleasedMessage>(
                    new RevokeLeaseMessage((long)stopTime.TotalMilliseconds), [], patience.Token);
                if (released.Fault is { } fault)
                    throw NotReleased(holder, fault);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw NotReleased(holder, "It did not answer.");
            }
            catch (IOException)
            {
                // Its channel ends when it dies; only its death is proof.
                await EndedAsync(holder, cancellationToken);
            }
        }

        Holder = null;
    }

    private async Task GrantAsync(Worker to, CancellationToken cancellationToken)
    {
        using var patience = new Patience(s_startTime, to.Time, cancellationToken);
        // From here on it may run them, whatever it answers or does not.
        (Holder, IsInDoubt) = (to, true);
        try
        {
            var taken = await to.AskAsync<LeaseTakenMessage>(new GrantLeaseMessage(), [], patience.Token);
            if (taken.Fault is { } fault)
                throw NotTaken(to, fault);
            IsInDoubt = false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw NotTaken(to, $"It did not answer within {s_startTime.TotalSeconds:0} s.");
        }
        catch (IOException gone)
        {
            throw NotTaken(to, gone.Message);
        }
    }

    private static async Task EndedAsync(Worker holder, CancellationToken cancellationToken)
    {
        try
        {
            await holder.Exited.WaitAsync(s_answerTime, holder.Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw NotReleased(holder, "It has closed its channel and lives.");
        }
    }

    private static WorkerFailedException NotReleased(Worker holder, string why) => new(
        DeploymentFailure.LeaseNotReleased,
        $"The singular services of generation {holder.Generation} (process {holder.Pid}) may still run: {why}",
        holder.LastLines);

    private static WorkerFailedException NotTaken(Worker to, string why) => new(
        DeploymentFailure.LeaseNotTaken,
        $"The singular services of generation {to.Generation} (process {to.Pid}) could not be started: {why}",
        to.LastLines);
}
