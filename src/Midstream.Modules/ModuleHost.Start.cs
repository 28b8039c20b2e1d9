using Midstream.Core.Modules;
using Midstream.Modules.Packages;
using Midstream.Modules.Slots;
using Midstream.Modules.Swaps;

namespace Midstream.Modules;

/// <content>The process's start, in two steps: first all modules are built, so that their states are there to be imported; then
/// they are started, one after the other.</content>
public sealed partial class ModuleHost
{
    private readonly List<Beginning> _beginnings = [];

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
            var swap = Swap.ToPackage(_with, slot, package, progress: null);
            _beginnings.Add(new Beginning(
                swap, turn, DesiredModules.ChooseCanary(_desired[package.Name], package.Stored.Id)));
            if (await swap.BuildUpAsync(cancellationToken) && Process.IsGoverned)
                swap.BeGoverned();
        }

        Process.Starting = [.. _beginnings.Select(one => one.Swap.Generation)];
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
            if (beginning.Canary is { } canary
                && await StartCanaryAsync(beginning.Swap.Slot.Name, canary, cancellationToken) is { } missing)
                failed.Add(missing);
        }

        Process.Starting = [];
        _beginnings.Clear();
        failed.RemoveAll(result => result.Outcome == SwapOutcome.Moved);
        return failed;
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
                failed.Add(Refused("", refused.Message));
            }
        }

        var packages = _desired.Choose(ids).Select(chosen => FindOr(chosen.Value, ids.GetValueOrDefault(chosen.Key), failed))
            .OfType<ModulePackage>().ToList();
        var order = ModuleOrder.Sort([.. packages.Select(package => package.Manifest)]);
        if (order.Refusal is { } circle)
            failed.Add(Refused("", circle));
        return order.Names.Select(name => packages.Single(package => package.Name == name));
    }

    // A package that has gone from the store is no reason to have none.
    private ModulePackage? FindOr(string id, string? shipped, List<SwapResult> failed)
    {
        try
        {
            return _store.Find(id);
        }
        catch (ModulePackageException refused)
        {
            failed.Add(Refused("", refused.Message));
            return shipped is null || shipped == id ? null : _store.Find(shipped);
        }
    }

    // What was a canary when the last process ended is one again.
    private async Task<SwapResult?> StartCanaryAsync(string module, DesiredCanary wished, CancellationToken cancellationToken)
    {
        try
        {
            var result = await PutBesideAsync(
                module, () => Task.Run(() => _store.Find(wished.Package)), wished.Rule, progress: null, cancellationToken);
            return result.Outcome == SwapOutcome.Moved ? null : result;
        }
        catch (ModulePackageException refused)
        {
            return Refused(module, refused.Message);
        }
    }

    private sealed record Beginning(Swap Swap, SlotTurn Turn, DesiredCanary? Canary);
}
