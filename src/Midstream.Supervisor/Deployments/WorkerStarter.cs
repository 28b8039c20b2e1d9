using Midstream.Core.Deployments;
using Midstream.Linux;
using Midstream.Releases;
using Midstream.Supervisor.Modules;
using Midstream.Supervisor.Requests;
using Midstream.Supervisor.Reserves;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Deployments;

/// <summary>
/// Brings workers to the point where they could take traffic: out of the reserve where it has some, else from nothing: started,
/// ready, healthy, warm, all of them abreast. Whatever fails on the way is the new workers' failure; they are ended, and what
/// serves has not noticed.
/// </summary>
internal sealed class WorkerStarter(
    ServiceSettings settings, IGenerationClients clients, IWorkerLauncher launcher, Reserve reserve,
    ModuleProof? modules = null)
{
    /// <summary>Starts workers.</summary>
    /// <param name="names">Their names. One out of the reserve has another, and the slot of this one.</param>
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
        var starts = new List<Started>();
        try
        {
            progress.Enter(DeploymentPhase.Start, $"{Describe(names)} of release {release.Id}");
            foreach (var name in names)
            {
                var (worker, isProven) = await FindAsync(name, release, cancellationToken);
                var state = new StateHandOver(Living(inSlot(name.Slot)), worker, service.State.FreezeMax);
                starts.Add(new Started(worker, state, isProven));
                progress.Launched(worker);
            }

            await new WorkerProof(service, clients, modules).ProveAsync(
                [.. starts.Where(start => !start.IsProven).Select(start => start.Worker)],
                worker => starts.First(start => start.Worker == worker).State, progress, cancellationToken);
            return await PairAsync(starts, inSlot);
        }
        catch (LinuxException none)
        {
            await EndAllAsync(starts);
            throw new WorkerFailedException(
                DeploymentFailure.ActivationFailed,
                "The supervisor has no descriptors left for a channel between the old worker and the new one: " +
                    none.Message, []);
        }
        catch
        {
            await EndAllAsync(starts);
            throw;
        }
    }

    // The ends of channels that were made already are not left open when there is no descriptor for the next.
    private static async Task<IReadOnlyList<HandOverPair>> PairAsync(List<Started> starts, Func<int, Worker?> inSlot)
    {
        var pairs = new List<HandOverPair>();
        try
        {
            foreach (var start in starts)
                pairs.Add(new HandOverPair(Living(inSlot(start.Worker.Slot)), start.Worker, start.State));
            return pairs;
        }
        catch
        {
            foreach (var pair in pairs)
                await pair.DisposeAsync();
            throw;
        }
    }

    private async Task<(Worker Worker, bool IsProven)> FindAsync(
        WorkerName name, StoredRelease release, CancellationToken cancellationToken) =>
        await reserve.TakeAsync(name.Slot, release.Id, cancellationToken) is { } waiting
            ? (waiting.Worker, waiting.IsProven) : (launcher.Launch(name, release), false);

    private static Worker? Living(Worker? worker) => worker is { Exited.IsCompleted: false } ? worker : null;

    private static string Describe(IReadOnlyList<WorkerName> names) => names is [{ Slot: 1 } only]
        ? $"generation {only.Generation}"
        : $"generation {names[0].Generation}, worker {string.Join(", ", names.Select(name => name.Slot))}";

    private static async Task EndAllAsync(List<Started> starts)
    {
        foreach (var start in starts)
            await start.State.DisposeAsync();
        await Task.WhenAll(starts.Select(start => EndAsync(start.Worker)));
    }

    private static async Task EndAsync(Worker worker)
    {
        await worker.KillAsync();
        await worker.DisposeAsync();
    }

    private sealed record Started(Worker Worker, StateHandOver State, bool IsProven);
}
