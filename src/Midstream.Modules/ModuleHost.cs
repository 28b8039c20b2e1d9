using System.Collections.Concurrent;
using Midstream.Core.Modules;
using Midstream.Modules.Hosting;
using Midstream.Modules.Packages;
using Midstream.Modules.Slots;
using Midstream.Modules.Swaps;
using Midstream.Releases;

namespace Midstream.Modules;

/// <summary>
/// Replaces modules while they serve. A singleton of the application's services; thread-safe.
/// <list type="bullet">
/// <item>Order: operations on one module come one after the other. One that has not moved yet ends for a newer one, and of those
/// that wait only the newest is carried out: the latest wins.</item>
/// <item>Failure: whatever fails before the move leaves what serves untouched. Nothing can fail after it.</item>
/// <item>Cancellation: before the move it ends the swap; later it changes nothing.</item>
/// </list>
/// </summary>
public sealed partial class ModuleHost
{
    private const string NotMoved = "It was given up before the move.";
    private const string GivenUp = "Something newer was asked of the same module.";

    private readonly ConcurrentDictionary<string, ModuleSlot> _slots = new();
    private readonly ConcurrentDictionary<string, StoredRelease> _shipped = new();
    private readonly PackageStore _store;
    private readonly DesiredFile _desired;
    private readonly SwapSurroundings _with;

    internal ModuleHost(PackageStore store, DesiredFile desired, SwapSurroundings with)
    {
        _store = store;
        _desired = desired;
        _with = with;
        Process = new ProcessStates(with.Board, () => _slots.Values);
    }

    /// <summary>Gets all modules that there are and were in this process, by name.</summary>
    public IReadOnlyList<ModuleStatus> Status =>
        [.. _slots.Values.OrderBy(slot => slot.Name, StringComparer.Ordinal).Select(StatusOf)];

    internal SlotBoard Board => _with.Board;

    internal ProcessStates Process { get; }

    /// <summary>Finds the package that the application comes with; null when it comes with none.</summary>
    internal StoredRelease? ShippedOf(string module) => _shipped.GetValueOrDefault(module);

    /// <summary>Finds why the process's start did not load a module as wished; null when it did.</summary>
    internal string? ProblemOf(string module) => _slots.GetValueOrDefault(module)?.Problem;

    /// <summary>Loads a package and puts it in the place of what serves in its slot.</summary>
    /// <param name="packageFolder">The package; it is copied, and not needed afterwards.</param>
    /// <param name="progress">Told of each phase as it begins; null for nobody.</param>
    /// <param name="cancellationToken">Ends it before the move.</param>
    /// <returns>How it came out. It does not wait for the old generation's end: <see cref="SwapResult.Retirement"/>
    /// does.</returns>
    public async Task<SwapResult> DeployAsync(
        string packageFolder, IProgress<SwapPhase>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(packageFolder);
        if (Process.Refusal is { } held)
            return Refused("", held);
        try
        {
            // Its turn is decided when it is asked for, not when it is stored: of two, the later one has to win.
            var module = PackageStore.NameOf(packageFolder);
            return await PutAsync(module, () => _store.AddAsync(packageFolder, cancellationToken), progress, cancellationToken);
        }
        catch (ModulePackageException refused)
        {
            return Refused("", refused.Message);
        }
    }

    /// <summary>Puts what served before in the place of what serves: the generation that was kept, if one is, and else the
    /// package in a new generation. While a canary serves, that is ended instead.</summary>
    /// <param name="module">The module's name.</param>
    /// <param name="progress">Told of each phase as it begins; null for nobody.</param>
    /// <param name="cancellationToken">Ends it before the move.</param>
    /// <returns>How it came out, as for <see cref="DeployAsync"/>.</returns>
    public async Task<SwapResult> RollbackAsync(
        string module, IProgress<SwapPhase>? progress = null, CancellationToken cancellationToken = default)
    {
        if (Process.Refusal is { } held)
            return Refused(module, held);
        if (Board.Find(module)?.Canary is not null)
            return await AbortCanaryAsync(module);
        if (await ReturnAsync(module, progress, cancellationToken) is { Outcome: SwapOutcome.Moved } returned)
            return returned;
        if (!_slots.TryGetValue(module, out var slot) || slot.PreviousPackage is not { } previous)
            return Refused(module, $"There is no package of module {module} to go back to.");
        try
        {
            return await PutAsync(module, () => Task.Run(() => _store.Find(previous)), progress, cancellationToken);
        }
        catch (ModulePackageException refused)
        {
            return Refused(module, refused.Message);
        }
    }

    /// <summary>Loads packages that need one another, and moves all of them at once or none.</summary>
    /// <param name="packageFolders">The packages, of different modules, in any order.</param>
    /// <param name="cancellationToken">Ends it before the move.</param>
    /// <returns>How each came out, in the order of their needs.</returns>
    public Task<IReadOnlyList<SwapResult>> DeployTogetherAsync(
        IReadOnlyList<string> packageFolders, CancellationToken cancellationToken = default) =>
        DeployTogetherAsync(packageFolders, onPhase: null, mayMove: null, cancellationToken);

    /// <summary>Loads packages that need one another, and asks before it moves them.</summary>
    /// <param name="packageFolders">The packages, of different modules, in any order.</param>
    /// <param name="onPhase">Told of each phase of each module as it begins; null for nobody.</param>
    /// <param name="mayMove">Asked when all is prepared; null to move at once.</param>
    /// <param name="cancellationToken">Ends it before the move.</param>
    internal async Task<IReadOnlyList<SwapResult>> DeployTogetherAsync(
        IReadOnlyList<string> packageFolders, Action<string, SwapPhase>? onPhase, Func<CancellationToken, Task<bool>>? mayMove,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(packageFolders);
        if (Process.Refusal is { } held)
            return [Refused("", held)];
        try
        {
            var packages = new List<ModulePackage>();
            foreach (var folder in packageFolders)
                packages.Add(await _store.AddAsync(folder, cancellationToken));
            var order = ModuleOrder.Sort([.. packages.Select(package => package.Manifest)]);
            if (order.Refusal is { } refusal)
                return [Refused("", refusal)];
            return await PutTogetherAsync(
                [.. order.Names.Select(name => packages.Single(one => one.Name == name))], onPhase, mayMove, cancellationToken);
        }
        catch (ModulePackageException refused)
        {
            return [Refused("", refused.Message)];
        }
    }

    /// <summary>Takes a module away; its path is the host's again.</summary>
    /// <param name="module">The module's name.</param>
    /// <returns>How its generation ended; null when no generation served.</returns>
    /// <exception cref="InvalidOperationException">Another module that serves needs it, or the process is just being
    /// replaced.</exception>
    public async Task<Retirement?> RemoveAsync(string module)
    {
        if (Process.Refusal is { } held)
            throw new InvalidOperationException(held);
        if (!_slots.TryGetValue(module, out var slot) || await slot.Gate.EnterAsync() is not { } turn)
            return null;
        Task<Retirement> ending;
        using (turn)
        {
            if (Board.Find(module)?.Current is not { } generation)
                return null;
            RefuseIfNeeded(module);
            var previous = generation.Package.Stored.Id;
            _desired.Write([_desired.Wish(module, package: null, previous)]);
            var canary = Board.Find(module)!.Canary;
            Board.Remove(module);
            slot.Seats.Clear();
            slot.PreviousPackage = previous;
            ending = _with.End.RetireAsync(generation);
            _ = canary is null ? null : _with.End.RetireAsync(canary.Generation);
            _ = _with.Keeper.Release(slot);
        }

        return await ending;
    }

    /// <summary>Says what the first generation of a module reads its state from.</summary>
    internal void GiveState(string module, IReadOnlyList<IHandedOverState> states) =>
        _slots.GetOrAdd(module, static name => new ModuleSlot(name)).Given = states;

    internal async Task StopAsync()
    {
        foreach (var module in Board.Table.Entries.Select(entry => entry.Name).Reverse())
        {
            if (Board.Find(module) is not { } traffic)
                continue;
            Board.Remove(module);
            if (traffic.Canary is { } canary)
                await _with.End.RetireAsync(canary.Generation, isLast: true);
            await _with.End.RetireAsync(traffic.Current, isLast: true);
        }

        foreach (var slot in _slots.Values)
            await (_with.Keeper.Release(slot) ?? Task.CompletedTask);
    }

    private async Task<SwapResult> PutAsync(
        string module, Func<Task<ModulePackage>> find, IProgress<SwapPhase>? progress, CancellationToken cancellationToken)
    {
        var slot = _slots.GetOrAdd(module, static name => new ModuleSlot(name));
        if (await slot.Gate.EnterAsync() is not { } turn)
            return Refused(module, GivenUp) with { Outcome = SwapOutcome.Superseded };
        using (turn)
            return (await SwapAsync([Swap.ToPackage(_with, slot, await find(), progress)], [turn], cancellationToken))[0];
    }

    private async Task<IReadOnlyList<SwapResult>> PutTogetherAsync(
        IReadOnlyList<ModulePackage> packages, Action<string, SwapPhase>? onPhase, Func<CancellationToken, Task<bool>>? mayMove,
        CancellationToken cancellationToken)
    {
        var turns = new List<SlotTurn>();
        try
        {
            // By name, so that two groups cannot wait for each other.
            foreach (var name in packages.Select(package => package.Name).Order(StringComparer.Ordinal))
            {
                if (await _slots.GetOrAdd(name, static name => new ModuleSlot(name)).Gate.EnterAsync() is not { } turn)
                    return [Refused(name, GivenUp) with { Outcome = SwapOutcome.Superseded }];
                turns.Add(turn);
            }

            var swaps = new List<Swap>();
            foreach (var package in packages)
                swaps.Add(await BeginAsync(package, onPhase is null ? null : new PhaseOf(package.Name, onPhase)));
            return await SwapAsync(swaps, turns, cancellationToken, mayMove);
        }
        finally
        {
            turns.ForEach(turn => turn.Dispose());
        }
    }

    // What is kept in memory takes over again without a load.
    private async Task<Swap> BeginAsync(ModulePackage package, IProgress<SwapPhase>? progress)
    {
        var slot = _slots[package.Name];
        return slot.Kept?.Generation.Package.Stored.Id == package.Stored.Id
            && await PreviousKeeper.TakeBackAsync(slot) is { } kept
            ? Swap.ToGeneration(_with, slot, kept, progress) : Swap.ToPackage(_with, slot, package, progress);
    }

    private async Task<IReadOnlyList<SwapResult>> SwapAsync(
        IReadOnlyList<Swap> swaps, IReadOnlyList<SlotTurn> turns, CancellationToken cancellationToken,
        Func<CancellationToken, Task<bool>>? mayMove = null)
    {
        using var superseded = CancellationTokenSource.CreateLinkedTokenSource(
            [.. turns.Select(turn => turn.Superseded), cancellationToken]);
        foreach (var swap in swaps)
        {
            if (MissingNeed(swap.Package, swaps) is { } missing)
                return AbandonAll(swaps, $"{swap.Package.Name} needs the module {missing}, which is not there. Deploy it first.");
            if (!await swap.PrepareAsync(superseded.Token))
                return AbandonAll(swaps, $"The module {swap.Package.Name} of the same group was not ready.");
        }

        if (!await MayMoveAsync(mayMove, superseded.Token))
            return AbandonAll(swaps, NotMoved);

        // Before the freeze, in which clients wait: a disk may be slow.
        var before = swaps.Select(swap => KeyValuePair.Create(swap.Slot.Name, _desired[swap.Slot.Name])).ToList();
        if (WriteDown(swaps.Select(WishOf)) is { } fault)
            return AbandonAll(swaps, fault);
        foreach (var swap in swaps)
        {
            if (await swap.FreezeAsync())
                continue;
            WriteDown(before);
            return AbandonAll(swaps, $"The state of the module {swap.Package.Name} of the same group was not handed over.");
        }

        foreach (var swap in swaps)
            swap.BeginServing();
        Board.Move([.. swaps.Select(swap => swap.Entry)]);
        var results = swaps.Select(swap => swap.Commit()).ToList();
        _ = Task.Run(Prune, CancellationToken.None);
        return results;
    }

    // A package that could not be removed takes room, and harms nobody: it is tried again after the next move.
    private void Prune()
    {
        try
        {
            var inMemory = _slots.Values.SelectMany(slot => slot.Generations).Where(generation => !generation.HasLeft)
                .Select(generation => generation.Package.Stored.Id);
            _store.Prune(_with.Options.KeepPackages, _desired.Packages.Concat(inMemory).ToHashSet());
        }
        catch (Exception failed) when (failed is ModulePackageException or IOException or UnauthorizedAccessException)
        {
            _with.Loggers.CreateLogger(typeof(ModuleHost).FullName!).LogPackagesNotRemoved(failed.Message);
        }
    }

    private static async Task<bool> MayMoveAsync(Func<CancellationToken, Task<bool>>? mayMove, CancellationToken superseded)
    {
        try
        {
            return mayMove is null || await mayMove(superseded);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // At the start nothing serves yet, and the canary that is wished follows.
    private KeyValuePair<string, DesiredModule?> WishOf(Swap swap)
    {
        var (name, package, serving) = (swap.Slot.Name, swap.Package.Stored.Id, Board.Find(swap.Slot.Name)?.Current);
        return _desired.Wish(
            name, package, serving?.Package.Stored.Id ?? swap.Slot.PreviousPackage,
            serving is null ? DesiredModules.ChooseCanary(_desired[name], package) : null);
    }

    // Before the move: after a kill the next process loads what was to serve, or what did.
    private string? WriteDown(IEnumerable<KeyValuePair<string, DesiredModule?>> wishes)
    {
        try
        {
            _desired.Write(wishes);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ModulePackageException)
        {
            return $"The set of modules could not be written down: {error.Message}";
        }
    }

    private static List<SwapResult> AbandonAll(IReadOnlyList<Swap> swaps, string reason) =>
        [.. swaps.Reverse().Select(swap => swap.Abandon(reason)).Reverse()];

    private string? MissingNeed(ModulePackage package, IReadOnlyList<Swap> group) => package.Manifest.Needs.FirstOrDefault(
        need => Board.Find(need) is null && !group.Any(swap => swap.Package.Name == need));

    private void RefuseIfNeeded(string module)
    {
        var user = Board.Table.Entries.FirstOrDefault(
            entry => entry.Traffic.Current.Package.Manifest.Needs.Contains(module)
                || entry.Traffic.Canary?.Generation.Package.Manifest.Needs.Contains(module) == true);
        if (user is not null)
            throw new InvalidOperationException($"The module {user.Name} needs {module}. Remove it first.");
    }

    private static SwapResult Refused(string module, string reason) => new()
    {
        Outcome = SwapOutcome.Abandoned, Phase = SwapPhase.Verify, Module = module, Version = "", Reason = reason,
    };

    private ModuleStatus StatusOf(ModuleSlot slot)
    {
        var entry = Board.Table.Entries.FirstOrDefault(entry => entry.Name == slot.Name);
        return new ModuleStatus(
            slot.Name, entry?.Path ?? "", entry?.Traffic.Current.Number, slot.PreviousPackage,
            [.. slot.Generations.Select(StatusOf)],
            entry?.Traffic.Canary is { } canary ? new CanaryStatus(canary.Generation.Number, canary.Split.Rule) : null,
            slot.Kept?.Generation.Number);
    }

    internal static GenerationStatus StatusOf(ModuleGeneration generation)
    {
        var counts = generation.Leases.Counts();
        // The verdict first: asking for it may change the state.
        var verdict = generation.Verdict;
        return new GenerationStatus(
            generation.Number, generation.Version, generation.Package.Stored.Id, generation.State, generation.StartedAt,
            counts.Requests, counts.Failed, counts.Aborted, generation.Leases.UnderWay().Count, counts.Quantile(0.5),
            counts.Quantile(0.99), verdict);
    }
}
