using Midstream.Core.Configuration;
using Midstream.Core.Deployments;
using Midstream.Supervisor.Modules;
using Midstream.Supervisor.Requests;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Deployments;

/// <summary>
/// Takes new workers through their trials, abreast: ready, with the modules they are to have, healthy, warm. The first that fails
/// is the failure of all.
/// </summary>
/// <param name="service">What is asked of them.</param>
/// <param name="clients">Ask them.</param>
/// <param name="modules">Looks at their modules; null when there are none to be.</param>
internal sealed class WorkerProof(ServiceModel service, IGenerationClients clients, ModuleProof? modules)
{
    private readonly WorkerTrial _trial = new(service, clients);

    /// <summary>Proves workers that were just started.</summary>
    /// <param name="workers">The workers; none is no work.</param>
    /// <param name="stateOf">Finds the hand-over of a worker's state, not begun.</param>
    /// <param name="progress">Told of each phase as it begins.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>A task that ends when all could take traffic.</returns>
    /// <exception cref="WorkerFailedException">One of them could not. They are the caller's to end.</exception>
    /// <exception cref="OperationCanceledException">It was given up. They are the caller's to end.</exception>
    public async Task ProveAsync(
        IReadOnlyList<Worker> workers, Func<Worker, StateHandOver> stateOf, IPhaseProgress progress,
        CancellationToken cancellationToken)
    {
        if (workers.Count == 0)
            return;
        progress.Enter(DeploymentPhase.Ready, $"process {string.Join(", ", workers.Select(worker => worker.Pid))}");
        await AllAsync(workers, (worker, token) => _trial.BecomeReadyAsync(worker, stateOf(worker), token), cancellationToken);
        if (modules is not null)
            await AllAsync(workers, modules.CheckAsync, cancellationToken);
        if (service.Health is { } health)
        {
            progress.Enter(DeploymentPhase.Health, health.Path);
            await AllAsync(workers, (worker, token) => _trial.CheckHealthAsync(worker, health, token), cancellationToken);
        }

        // A program without a private way in takes traffic already; there is nothing left to spare its clients.
        var reachable = workers.Where(worker => worker.SpeaksMidstream).ToList();
        if (service.WarmUp.Count == 0 || reachable.Count == 0)
            return;
        progress.Enter(DeploymentPhase.WarmUp, $"{service.WarmUp.Count} requests");
        await AllAsync(reachable, _trial.WarmUpAsync, cancellationToken);
    }

    // The first failure is the one to tell; the others are given up for it.
    private static async Task AllAsync(
        IReadOnlyList<Worker> workers, Func<Worker, CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        using var oneFailed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var steps = workers.Select(worker => step(worker, oneFailed.Token)).ToList();
        while (steps.Count > 0)
        {
            var done = await Task.WhenAny(steps);
            steps.Remove(done);
            if (done.IsCompletedSuccessfully)
                continue;
            await oneFailed.CancelAsync();
            await Task.WhenAll(steps).ContinueWith(
                static others => _ = others.Exception,
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default);
            await done;
        }
    }
}
