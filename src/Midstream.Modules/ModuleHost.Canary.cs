using Midstream.Core.Modules;
using Midstream.Modules.Packages;
using Midstream.Modules.Slots;
using Midstream.Modules.Swaps;

namespace Midstream.Modules;

/// <content>Two generations of one module at once: a canary gets the requests that its rule names, and then takes over or
/// goes. Each of these is one move of the table's reference; the state stays with the generation that serves, which the canary
/// asks, until the canary takes over.</content>
public sealed partial class ModuleHost
{
    /// <summary>Loads a package and lets it serve a part of the requests, beside what serves in its slot. A canary that is there
    /// already is replaced.</summary>
    /// <param name="packageFolder">The package; it is copied, and not needed afterwards.</param>
    /// <param name="rule">Which requests go to it.</param>
    /// <param name="progress">Told of each phase as it begins; null for nobody.</param>
    /// <param name="cancellationToken">Ends it before the move.</param>
    /// <returns>How it came out, as for <see cref="DeployAsync"/>. Refused when the two cannot share a state.</returns>
    public Task<SwapResult> CanaryAsync(
        string packageFolder, CanaryRule rule, IProgress<SwapPhase>? progress = null,
        CancellationToken cancellationToken = default) =>
        CanaryAsync(packageFolder, rule, progress, mayMove: null, cancellationToken);

    /// <summary>Loads a canary, and asks before it gets requests.</summary>
    internal async Task<SwapResult> CanaryAsync(
        string packageFolder, CanaryRule rule, IProgress<SwapPhase>? progress, Func<CancellationToken, Task<bool>>? mayMove,
        CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(packageFolder);
        ArgumentNullException.ThrowIfNull(rule);
        if (Process.Refusal is { } held)
            return Refused("", held);
        if (rule.FindMistakes() is { Count: > 0 } mistakes)
            return Refused("", $"The canary's rule is wrong: {string.Join(' ', mistakes)}");
        try
        {
            var module = PackageStore.NameOf(packageFolder);
            return await PutBesideAsync(
                module, async slot => Swap.ToPackage(
                    _with, slot, await _store.AddAsync(packageFolder, cancellationToken), progress),
                rule, cancellationToken, mayMove);
        }
        catch (ModulePackageException refused)
        {
            return Refused("", refused.Message);
        }
    }

    /// <summary>Changes which requests go to a canary. A larger share keeps the clients of the smaller one.</summary>
    /// <param name="module">The module's name.</param>
    /// <param name="rule">Which requests go to it from now on.</param>
    /// <returns>How it came out; the generation is the canary's.</returns>
    public async Task<SwapResult> ChangeCanaryAsync(string module, CanaryRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        if (rule.FindMistakes() is { Count: > 0 } mistakes)
            return Refused(module, $"The canary's rule is wrong: {string.Join(' ', mistakes)}");
        return await AtCanaryAsync(module, async (slot, entry, canary, turn) =>
        {
            var wish = WishOf(slot, entry.Traffic.Current, new DesiredCanary(canary.Package.Stored.Id, rule));
            if (WriteDown([wish]) is { } fault)
                return Refused(module, fault);
            var split = new CanarySplit(rule, module, canary.Package.Stored.Id);
            Board.Move([entry with { Traffic = entry.Traffic with { Canary = new CanaryTraffic(canary, split) } }]);
            return await Task.FromResult(Moved(module, canary));
        });
    }

    /// <summary>Lets a canary take over: its state is copied, and all requests go to it.</summary>
    /// <param name="module">The module's name.</param>
    /// <param name="progress">Told of each phase as it begins; null for nobody.</param>
    /// <param name="cancellationToken">Ends it before the move.</param>
    /// <returns>How it came out. When it did not take over, it serves its part as before.</returns>
    public Task<SwapResult> PromoteAsync(
        string module, IProgress<SwapPhase>? progress = null, CancellationToken cancellationToken = default) =>
        PromoteAsync(module, progress, mayMove: null, cancellationToken);

    /// <summary>Lets a canary take over, and asks before it does.</summary>
    internal Task<SwapResult> PromoteAsync(
        string module, IProgress<SwapPhase>? progress, Func<CancellationToken, Task<bool>>? mayMove,
        CancellationToken cancellationToken) =>
        AtCanaryAsync(module, async (slot, entry, canary, turn) => (await SwapAsync(
            [Swap.ToGeneration(_with, slot, canary, progress)], [turn], cancellationToken, mayMove))[0]);

    /// <summary>Ends a canary; its requests end on it, and new ones go to what serves.</summary>
    /// <param name="module">The module's name.</param>
    /// <returns>How it came out; the generation is the one that serves, the retirement the canary's.</returns>
    public Task<SwapResult> AbortCanaryAsync(string module) =>
        AtCanaryAsync(module, async (slot, entry, canary, turn) =>
        {
            if (WriteDown([WishOf(slot, entry.Traffic.Current, canary: null)]) is { } fault)
                return Refused(module, fault);
            Board.Move([entry with { Traffic = new SlotTraffic(entry.Traffic.Current) }]);
            return await Task.FromResult(
                Moved(module, entry.Traffic.Current) with { Retirement = _with.End.RetireAsync(canary) });
        });

    private async Task<SwapResult> PutBesideAsync(
        string module, Func<ModuleSlot, Task<Swap>> begin, CanaryRule rule, CancellationToken cancellationToken,
        Func<CancellationToken, Task<bool>>? mayMove = null)
    {
        var slot = _slots.GetOrAdd(module, static name => new ModuleSlot(name));
        if (await slot.Gate.EnterAsync() is not { } turn)
            return Refused(module, GivenUp) with { Outcome = SwapOutcome.Superseded };
        using (turn)
        {
            if (Board.Find(module) is not { } traffic)
                return Refused(module, $"No module {module} serves that this could be a canary of. Deploy it.");
            var swap = await begin(slot);
            using var superseded = CancellationTokenSource.CreateLinkedTokenSource(turn.Superseded, cancellationToken);
            if (MissingNeed(swap.Package, []) is { } missing)
                return swap.Abandon($"{swap.Package.Name} needs the module {missing}, which is not there. Deploy it first.");
            if (!await swap.PrepareAsync(superseded.Token, isBeside: true))
                return swap.Abandon();
            if (!await MayMoveAsync(mayMove, superseded.Token))
                return swap.Abandon(NotMoved);
            var wish = WishOf(slot, traffic.Current, new DesiredCanary(swap.Package.Stored.Id, rule));
            if (WriteDown([wish]) is { } fault)
                return swap.Abandon(fault);
            swap.BeginBeside();
            Board.Move([swap.EntryBeside(rule)]);
            return swap.CommitBeside();
        }
    }

    private async Task<SwapResult?> ReturnAsync(
        string module, IProgress<SwapPhase>? progress, CancellationToken cancellationToken)
    {
        if (!_slots.TryGetValue(module, out var slot) || slot.Kept is null)
            return null;
        if (await slot.Gate.EnterAsync() is not { } turn)
            return null;
        using (turn)
        {
            return await PreviousKeeper.TakeBackAsync(slot) is { } kept
                ? (await SwapAsync([Swap.ToGeneration(_with, slot, kept, progress)], [turn], cancellationToken))[0]
                : null;
        }
    }

    private async Task<SwapResult> AtCanaryAsync(
        string module, Func<ModuleSlot, SlotEntry, ModuleGeneration, SlotTurn, Task<SwapResult>> work)
    {
        if (Process.Refusal is { } held)
            return Refused(module, held);
        if (!_slots.TryGetValue(module, out var slot) || await slot.Gate.EnterAsync() is not { } turn)
            return Refused(module, $"No canary of a module {module} serves, or something newer was asked of it.");
        using (turn)
        {
            var entry = Board.Table.Entries.FirstOrDefault(entry => entry.Name == module);
            return entry?.Traffic.Canary is { } canary
                ? await work(slot, entry, canary.Generation, turn)
                : Refused(module, $"No canary of module {module} serves.");
        }
    }

    private KeyValuePair<string, DesiredModule?> WishOf(ModuleSlot slot, ModuleGeneration serving, DesiredCanary? canary) =>
        _desired.Wish(slot.Name, serving.Package.Stored.Id, slot.PreviousPackage, canary);

    private static SwapResult Moved(string module, ModuleGeneration generation) => new()
    {
        Outcome = SwapOutcome.Moved, Phase = SwapPhase.Done, Module = module, Version = generation.Version,
        Generation = generation.Number, Package = generation.Package.Stored.Id,
    };
}
