using Midstream.Core.Modules;
using Midstream.Modules.Hosting;
using Midstream.Modules.Packages;
using Midstream.Modules.Slots;
using Midstream.Modules.Swaps;

namespace Midstream.Modules;

/// <content>The process's start, in two steps: first all modules are built, so that their states are there to be imported; then
/// they are started, one after the other.</content>
public sealed partial class ModuleHost
{
    private readonly List<Beginning> _beginnings = [];
    private IReadOnlyList<SwapResult> _notBuilt = [];

    /// <summary>Loads and builds what was last wished, or what the application comes with.</summary>
    /// <param name="shipped">The folders of the packages it comes with.</param>
    /// <param name="cancellationToken">The application is not to start after all.</param>
    /// <returns>What could not be, and why.</returns>
    internal async Task<IReadOnlyList<SwapResult>> BuildUpAsync(
        IEnumerable<string> shipped, CancellationToken cancellationToken)
    {
        var failed = new List<SwapResult>();
        foreach (var package in await ChooseAsync(shipped, failed, cancellationToken))
        {
            var slot = _slots.GetOrAdd(package.Name, static name => new ModuleSlot(name));
            slot.PreviousPackage = _desired[package.Name]?.Previous;
            if (await slot.Gate.EnterAsync() is not { } turn)
                continue;
            var swap = await BuildUpAsync(slot, package, cancellationToken);
            _beginnings.Add(new Beginning(swap, turn, await BuildCanaryAsync(slot, package, failed, cancellationToken)));
        }

        Process.Starting = [.. _beginnings.Select(one => one.Swap.Generation),
            .. _beginnings.Select(one => one.Canary?.Swap.Generation).OfType<ModuleGeneration>()];
        _notBuilt = failed;
        return failed;
    }

    /// <summary>Starts what was built.</summary>
    /// <param name="cancellationToken">The application is not to start after all.</param>
    /// <returns>What could not be started, and why.</returns>
    internal async Task<IReadOnlyList<SwapResult>> StartAsync(CancellationToken cancellationToken)
    {
        var failed = new List<SwapResult>();
        foreach (var beginning in _beginnings)
        {
            using (beginning.Turn)
                failed.AddRange(await SwapAsync([beginning.Swap], [beginning.Turn], cancellationToken));
            if (beginning.Canary is { } canary)
                failed.Add(Board.Find(canary.Swap.Slot.Name) is null
                    ? canary.Swap.Abandon("What it was to be beside does not serve.")
                    : await PutBesideAsync(
                        canary.Swap.Slot.Name, _ => Task.FromResult(canary.Swap), canary.Rule, cancellationToken));
        }

        Process.Starting = [];
        _beginnings.Clear();
        failed.RemoveAll(result => result.Outcome == SwapOutcome.Moved);
        // For whoever asks from outside whether the process has what it was to have: the first reason of each.
        foreach (var result in _notBuilt.Concat(failed))
            _slots.GetOrAdd(result.Module, static name => new ModuleSlot(name)).Problem ??= ModuleChange.FaultOf([result]);
        return failed;
    }

    private async Task<Swap> BuildUpAsync(ModuleSlot slot, ModulePackage package, CancellationToken cancellationToken)
    {
        var swap = Swap.ToPackage(_with, slot, package, progress: null);
        if (await swap.BuildUpAsync(cancellationToken) && Process.IsGoverned)
            swap.BeGoverned();
        return swap;
    }

    // What was a canary when the last process ended is one again. It may have states that the module itself has not.
    private async Task<Beside?> BuildCanaryAsync(
        ModuleSlot slot, ModulePackage serving, List<SwapResult> failed, CancellationToken cancellationToken)
    {
        if (DesiredModules.ChooseCanary(_desired[slot.Name], serving.Stored.Id) is not { } wished)
            return null;
        try
        {
            return new Beside(await BuildUpAsync(slot, _store.Find(wished.Package), cancellationToken), wished.Rule);
        }
        catch (ModulePackageException refused)
        {
            failed.Add(Refused(slot.Name, refused.Message));
            return null;
        }
    }

    private async Task<IEnumerable<ModulePackage>> ChooseAsync(
        IEnumerable<string> shipped, List<SwapResult> failed, CancellationToken cancellationToken)
    {
        var ids = new Dictionary<string, string>();
        foreach (var folder in shipped)
        {
            try
            {
                var package = await _store.AddAsync(folder, cancellationToken);
                ids[package.Name] = package.Stored.Id;
                _shipped[package.Name] = package.Stored;
            }
            catch (ModulePackageException refused)
            {
                // It has no other name: what the package says of itself cannot be read.
                failed.Add(Refused(Path.GetFileName(folder), refused.Message));
            }
        }

        var packages = _desired.Choose(ids).Select(chosen => FindOr(chosen, ids.GetValueOrDefault(chosen.Key), failed))
            .OfType<ModulePackage>().ToList();
        var order = ModuleOrder.Sort([.. packages.Select(package => package.Manifest)]);
        if (order.Refusal is { } circle)
            failed.AddRange(packages.Where(package => !order.Names.Contains(package.Name))
                .Select(package => Refused(package.Name, circle)));
        return order.Names.Select(name => packages.Single(package => package.Name == name));
    }

    // A package that has gone from the store is no reason to have none.
    private ModulePackage? FindOr(KeyValuePair<string, string> chosen, string? shipped, List<SwapResult> failed)
    {
        try
        {
            return _store.Find(chosen.Value);
        }
        catch (ModulePackageException refused)
        {
            failed.Add(Refused(chosen.Key, refused.Message));
            return shipped is null || shipped == chosen.Value ? null : _store.Find(shipped);
        }
    }

    private sealed record Beside(Swap Swap, CanaryRule Rule);

    private sealed record Beginning(Swap Swap, SlotTurn Turn, Beside? Canary);
}
