using Midstream.Core.Deployments;
using Midstream.Linux;
using Midstream.Releases;
using Midstream.Supervisor.Requests;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Deployments;

/// <summary>
/// Brings workers from nothing to the point where they could take traffic: started, ready, healthy, warm, all of them abreast.
/// Whatever fails on the way is the new workers' failure; they are ended, and what serves has not noticed.
/// </summary>
internal sealed class WorkerStarter(ServiceSettings settings, IGenerationClients clients, IWorkerLauncher launcher)
{
    /// <summary>Starts workers.</summary>
    /// <param name="names">Their names.</param>
    /// <param name="release">The release.</param>
    /// <param name="inSlot">Finds who has a slot now, from whom state is taken over.</param>
    /// <param name="progress">Told of each phase as it begins.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>The workers, their gates closed where they have one, each with who has its slot now.</returns>
    /// <exception cref="WorkerFailedException">One of them did not come so far; the processes of all are gone.</exception>
    /// <exception cref="OperationCanceledException">It was given up; the processes are gone.</exception>
    public async Task<IReadOnlyList<HandOverPair>> StartAsync(
        IReadOnlyList<WorkerName> names, StoredRelease release, Func<int, Worker?> inSlot, IPhaseProgress progress,
        CancellationToken cancellationToken)
    {
        var service = settings.Model;
        var trial = new WorkerTrial(service, clients);
        var workers = new List<Worker>();
        var states = new List<StateHandOver>();
        using var oneFailed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            progress.Enter(DeploymentPhase.Start, $"{Describe(names)} of release {release.Id}");
            foreach (var name in names)
            {
                workers.Add(launcher.Launch(name, release));
                progress.Launched(workers[^1]);
                states.Add(new StateHandOver(Living(inSlot(name.Slot)), workers[^1], service.State.FreezeMax));
            }

            progress.Enter(DeploymentPhase.Ready, $"process {string.Join(", ", workers.Select(worker => worker.Pid))}");
            await AllAsync(workers, oneFailed, (worker, token) =>
                trial.BecomeReadyAsync(worker, states[workers.IndexOf(worker)], token));
            if (service.Health is { } health)
            {
                progress.Enter(DeploymentPhase.Health, health.Path);
                await AllAsync(workers, oneFailed, (worker, token) => trial.CheckHealthAsync(worker, health, token));
            }

            // A program without a private way in takes traffic already; there is nothing left to spare its clients.
            var reachable = workers.FindAll(worker => worker.SpeaksMidstream);
            if (service.WarmUp.Count > 0 && reachable.Count > 0)
            {
                progress.Enter(DeploymentPhase.WarmUp, $"{service.WarmUp.Count} requests");
                await AllAsync(reachable, oneFailed, trial.WarmUpAsync);
            }

            return await PairAsync(workers, states, inSlot);
        }
        catch (LinuxException none)
        {
            await EndAllAsync(workers, states);
            throw new WorkerFailedException(
                DeploymentFailure.ActivationFailed,
                "The supervisor has no descriptors left for a channel between the old worker and the new one: " +
                    none.Message, []);
        }
        catch
        {
            await EndAllAsync(workers, states);
            throw;
        }
    }

    // The ends of channels that were made already are not left open when there is no descriptor for the next.
    private static async Task<IReadOnlyList<HandOverPair>> PairAsync(
        List<Worker> workers, List<StateHandOver> states, Func<int, Worker?> inSlot)
    {
        var pairs = new List<HandOverPair>();
        try
        {
            foreach (var (worker, state) in workers.Zip(states))
                pairs.Add(new HandOverPair(Living(inSlot(worker.Name.Slot)), worker, state));
            return pairs;
        }
        catch
        {
            foreach (var pair in pairs)
                await pair.DisposeAsync();
            throw;
        }
    }

    private static Worker? Living(Worker? worker) => worker is { Exited.IsCompleted: false } ? worker : null;

    private static string Describe(IReadOnlyList<WorkerName> names) => names is [{ Slot: 1 } only]
        ? $"generation {only.Generation}"
        : $"generation {names[0].Generation}, worker {string.Join(", ", names.Select(name => name.Slot))}";

    // The first failure is the one to tell; the others are given up for it.
    private static async Task AllAsync(
        IReadOnlyList<Worker> workers, CancellationTokenSource oneFailed, Func<Worker, CancellationToken, Task> step)
    {
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

    private static async Task EndAllAsync(List<Worker> workers, List<StateHandOver> states)
    {
        foreach (var state in states)
            await state.DisposeAsync();
        await Task.WhenAll(workers.Select(EndAsync));
    }

    private static async Task EndAsync(Worker worker)
    {
        await worker.KillAsync();
        await worker.DisposeAsync();
    }
}
