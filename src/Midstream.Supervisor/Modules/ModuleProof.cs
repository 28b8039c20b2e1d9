using Midstream.Control.Workers;
using Midstream.Core.Deployments;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Modules;

/// <summary>
/// Finds out whether a new worker has the set of modules that it is to have. One that has not must not take the place of those
/// that serve. When nobody serves, an application with a module missing is better than none; and one that hosts no modules at all
/// is another application, which was deployed for what it is.
/// </summary>
/// <param name="shelf">The set.</param>
/// <param name="hasServing">Says whether anybody serves.</param>
/// <param name="observer">Told of what is missing all the same.</param>
internal sealed class ModuleProof(ModuleShelf shelf, Func<bool> hasServing, ISupervisorObserver observer)
{
    /// <summary>Looks at a worker's modules.</summary>
    /// <param name="worker">The worker, ready.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>A task that ends when it may take traffic.</returns>
    /// <exception cref="WorkerFailedException">It has not what it is to have, and others serve.</exception>
    public async Task CheckAsync(Worker worker, CancellationToken cancellationToken)
    {
        if (!worker.Capabilities.Contains(WorkerCapabilities.Modules))
        {
            if (shelf.Set.Modules.Values.Any(wish => wish.Package is not null))
                observer.Warning("ModulesNotHosted", $"Release {worker.Release} hosts no modules; worker {worker.Name} has " +
                    "none of those that are to be loaded.");
            return;
        }

        if (await FindFaultAsync(worker, cancellationToken) is not { } fault)
            return;
        if (hasServing())
            throw new WorkerFailedException(DeploymentFailure.ModuleRefused, fault, worker.LastLines);
        observer.Error("ModulesMissing", fault);
    }

    private async Task<string?> FindFaultAsync(Worker worker, CancellationToken cancellationToken)
    {
        var there = (await ModuleCall.ListAsync(worker, module: null, cancellationToken)).Modules;
        var faults = new List<string>();
        foreach (var module in there.Where(module => module.Problem is not null))
        {
            // Of all modules each says no more than the beginning of what is wrong with it.
            var told = (await ModuleCall.ListAsync(worker, module.Name, cancellationToken)).Modules;
            faults.Add(told is [{ Problem: { } whole }, ..] ? whole : module.Problem!);
        }

        if (faults.Count == 0)
            faults.AddRange(shelf.Set.MissingIn(there).Select(name => $"Module {name} is not loaded, and why is not said."));
        return faults.Count == 0 ? null : $"The new generation (process {worker.Pid}) has not the modules that it is to have. " +
            $"{string.Join(' ', faults)} Change that module with 'midstream module deploy' or 'remove', or the release.";
    }
}
