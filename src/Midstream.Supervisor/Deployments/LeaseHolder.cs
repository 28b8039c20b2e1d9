using Midstream.Control.Workers;
using Midstream.Core.Deployments;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Deployments;

/// <summary>
/// Decides which worker holds the generation lease, and so runs the singular services: it goes to the heir of whoever holds it,
/// and to the first that comes when nobody does.
/// </summary>
/// <param name="keeper">Takes it and gives it.</param>
// The semaphore has no handle to let go of: nobody asks for its wait handle.
#pragma warning disable CA1001
internal sealed class LeaseHolder(LeaseKeeper keeper)
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Gets the worker that holds the lease; null when none does.</summary>
    public Worker? Holder => keeper.Holder;

    /// <summary>Gets whether the singular services may not run although somebody was to run them.</summary>
    public bool IsInDoubt => keeper.IsInDoubt || Holder is not { Exited.IsCompleted: false };

    /// <summary>Takes note of who holds the lease when a worker was taken over.</summary>
    /// <param name="worker">The worker.</param>
    public void Adopt(Worker worker)
    {
        keeper.Adopt(worker, worker.HeldLease, worker.WasLeaseInDoubt);
        // Who stood still then says it when it goes on.
        worker.Heard += message =>
        {
            if (message is IdentityMessage && Holder is null)
                keeper.Adopt(worker, worker.HeldLease);
        };
    }

    /// <summary>Passes the lease from one worker to another, if the one holds it or nobody who lives does.</summary>
    /// <param name="from">Lets go; null when there is nobody.</param>
    /// <param name="to">Takes over; null when nobody does, and the lease stays where it is.</param>
    /// <returns>A task that ends when the singular services run in the one and in no other.</returns>
    /// <exception cref="WorkerFailedException">The heir could not take it.</exception>
    public async Task PassAsync(Worker? from, Worker? to)
    {
        if (to is null || to.Exited.IsCompleted)
            return;
        await _one.WaitAsync();
        try
        {
            if (keeper.Holder is not { } holder || holder == from || holder.Exited.IsCompleted)
                await MoveAsync(to);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Passes the lease on where nothing may wait for it: after a failure, or when a worker has to end either way. When
    /// the heir cannot take it, it is in doubt, and tried again later.</summary>
    /// <param name="from">Lets go; null when there is nobody.</param>
    /// <param name="to">Takes over; null when nobody does.</param>
    /// <returns>A task that ends when it was tried.</returns>
    public async Task TryPassAsync(Worker? from, Worker? to)
    {
        try
        {
            await PassAsync(from, to);
        }
        catch (WorkerFailedException)
        {
            // It is in doubt from now on.
        }
    }

    /// <summary>Sees to it that the lease is held when workers were taken over: who says that it holds it may have been told to
    /// let go since, and when nobody does, somebody has to.</summary>
    /// <param name="otherwise">Gets it when nobody who lives holds it; null when there is nobody.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>A task that ends when the singular services run.</returns>
    /// <exception cref="WorkerFailedException">They could not be started.</exception>
    public async Task ConfirmAsync(Worker? otherwise, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(CancellationToken.None);
        try
        {
            if (keeper.Holder is { Exited.IsCompleted: false } holder)
                await keeper.ConfirmAsync(holder, cancellationToken);
            else if (otherwise is not null)
                await MoveAsync(otherwise);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Sees to it that one of some workers holds the lease: who holds it already, the heir of who does, or the
    /// first.</summary>
    /// <param name="heirs">The workers; nothing happens when there is none.</param>
    /// <returns>A task that ends when the singular services run in one of them.</returns>
    /// <exception cref="WorkerFailedException">They could not be started.</exception>
    public async Task SettleAsync(IReadOnlyList<Worker> heirs)
    {
        var holder = Holder is { Exited.IsCompleted: false } living ? living : null;
        var heir = heirs.OrderByDescending(worker => worker == holder).ThenByDescending(worker => worker.Slot == holder?.Slot)
            .FirstOrDefault();
        if (holder is null || holder == heir)
            await ConfirmAsync(heir, CancellationToken.None);
        else
            await PassAsync(holder, heir);
    }

    private async Task MoveAsync(Worker to)
    {
        try
        {
            await keeper.MoveAsync(to, CancellationToken.None);
        }
        catch (WorkerFailedException stuck) when (stuck.Failure == DeploymentFailure.LeaseNotReleased)
        {
            // Two at a time is what must not be: only its death makes sure that it does not run them.
            await keeper.Holder!.KillAsync();
            await keeper.MoveAsync(to, CancellationToken.None);
        }
    }
}
