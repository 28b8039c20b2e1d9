using Midstream.Control.Operators;
using Midstream.Control.Workers;
using Midstream.Core.Modules;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Modules;

/// <summary>Describes the modules of a service in short: what serves, everywhere or not.</summary>
internal sealed class ModuleOverview(ModuleShelf shelf, ServiceSituation situation)
{
    // Who only wants to know what runs must not wait for a worker that is mute.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    /// <summary>Asks the workers that serve.</summary>
    /// <returns>The modules, by name; null when nobody hosts any and none is to be loaded.</returns>
    public async Task<IReadOnlyList<ServiceModuleStatus>?> DescribeAsync()
    {
        var hosts = situation.Pool.Serving
            .Where(worker => !worker.IsHung && worker.Capabilities.Contains(WorkerCapabilities.Modules))
            .OrderByDescending(worker => worker.Generation).ToList();
        if (hosts.Count == 0 && shelf.Set.Modules.Values.All(wish => wish.Package is null))
            return null;
        var there = (await Task.WhenAll(hosts.Select(TryListAsync))).SelectMany(modules => modules)
            .Where(module => module.Package is not null).ToLookup(module => module.Name);
        return [.. there.Select(modules => modules.Key).Union(shelf.Set.MissingIn([])).Order(StringComparer.Ordinal)
            .Select(name => Describe(name, [.. there[name]]))];
    }

    private static ServiceModuleStatus Describe(string name, IReadOnlyList<ModuleSummary> there)
    {
        var newest = there.Count == 0 ? null : there[0];
        return new ServiceModuleStatus(
            name, newest?.Version, there.Count(module => module.Package == newest?.Package),
            newest?.Canary is { } canary ? new ServiceCanaryStatus(canary.Version, canary.Rule) : null);
    }

    private static async Task<IReadOnlyList<ModuleSummary>> TryListAsync(Worker worker)
    {
        using var patience = new Patience(s_patience, worker.Time);
        try
        {
            return (await ModuleCall.ListAsync(worker, module: null, patience.Token)).Modules;
        }
        catch (Exception silent) when (silent is WorkerFailedException or OperationCanceledException)
        {
            return [];
        }
    }
}
