using Midstream.Core.Modules;
using Midstream.Modules.Slots;

namespace Midstream.Modules.Hosting;

/// <summary>The host of modules as a supervisor sees it.</summary>
internal sealed class ModuleControl(ModuleHost host) : IModuleControl
{
    public IReadOnlyList<ModuleSummary> Describe(string? name) =>
        [.. host.Status.Where(status => name is null || status.Name == name).Select(Describe)];

    public async Task<IModuleChange> PrepareAsync(
        ModuleDifference difference, Action<string, SwapPhase> onPhase, CancellationToken cancellationToken)
    {
        var change = new ModuleChange(host, difference);
        await change.PrepareAsync(onPhase, cancellationToken);
        return change;
    }

    private ModuleSummary Describe(ModuleStatus status)
    {
        var entry = host.Board.Find(status.Name);
        var package = entry?.Current.Package;
        var told = status.Generations.Reverse()
            .Where(one => one.State != ModuleState.Collected || one.Number == status.Generations[^1].Number)
            .Take(ModuleSummary.GenerationsMax);
        return new ModuleSummary(
            status.Name, package?.Manifest.Version ?? "", package?.Stored.Id, status.Path, status.Serving,
            package?.Manifest.Needs ?? [], host.ShippedOf(status.Name)?.Id, host.ShippedOf(status.Name)?.Folder,
            [.. told.Select(Describe)], Describe(entry?.Canary), host.ProblemOf(status.Name));
    }

    private static ModuleCanarySummary? Describe(CanaryTraffic? canary) => canary is null ? null : new ModuleCanarySummary(
        canary.Generation.Number, canary.Generation.Version, canary.Generation.Package.Stored.Id, canary.Split.Rule);

    private static ModuleGenerationSummary Describe(GenerationStatus one) => new(
        one.Number, one.Version, one.Package, NameOf(one.State), one.StartedAt, one.Requests, one.Failed, one.UnderWay,
        one.P50.TotalMilliseconds, one.P99.TotalMilliseconds, Told(one.Verdict?.Culprits ?? []));

    /// <summary>Spells a state or an outcome as programs and people read it.</summary>
    public static string NameOf<TEnum>(TEnum value)
        where TEnum : struct, Enum => value.ToString().ToLowerInvariant();

    /// <summary>Cuts what is told of culprits to what fits into a message.</summary>
    public static IReadOnlyList<UnloadCulprit> Told(IReadOnlyList<UnloadCulprit> culprits) =>
        [.. culprits.Take(ModuleGenerationSummary.CulpritsMax)
            .Select(one => new UnloadCulprit(Texts.Cut(one.Holder), Texts.Cut(one.Held), Texts.Cut(one.Cure)))];
}
