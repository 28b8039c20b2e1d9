using Midstream.Core.Modules;
using Midstream.Modules.Packages;

namespace Midstream.Modules.Hosting;

/// <summary>One change of the set of modules, asked for from outside. What is loaded or takes over goes through all phases and
/// waits at the move; what only ends, or gets another rule, needs no preparation.</summary>
internal sealed class ModuleChange(ModuleHost host, ModuleDifference difference) : IModuleChange
{
    private readonly TaskCompletionSource<bool> _decision = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Task<IReadOnlyList<SwapResult>>> _swaps = [];
    private readonly List<Task<Retirement?>> _removals = [];

    public string? Fault { get; private set; }

    public async Task PrepareAsync(Action<string, SwapPhase> onPhase, CancellationToken cancellationToken)
    {
        Fault = FindNeed();
        if (difference.Packages.Count > 0)
            await PrepareAsync(mayMove =>
                host.DeployTogetherAsync(difference.Packages, onPhase, mayMove, cancellationToken));
        foreach (var module in difference.Promoted)
            await PrepareAsync(async mayMove =>
                [await host.PromoteAsync(module, new PhaseOf(module, onPhase), mayMove, cancellationToken)]);
        foreach (var canary in difference.Canaries)
            await PrepareAsync(async mayMove =>
                [await host.CanaryAsync(canary.Folder, canary.Rule, PhaseOf.Package(canary.Folder, onPhase), mayMove,
                    cancellationToken)]);
    }

    public async Task<(IReadOnlyList<ModuleMove> Moves, string? Fault)> MoveAsync()
    {
        if (Fault is not null)
            return ([], Fault);
        _decision.TrySetResult(true);
        foreach (var (module, rule) in difference.Rules)
            _swaps.Add(AloneAsync(host.ChangeCanaryAsync(module, rule)));
        foreach (var module in difference.Aborted)
            _swaps.Add(AloneAsync(host.AbortCanaryAsync(module)));
        var swaps = (await Task.WhenAll(_swaps)).SelectMany(swap => swap).ToList();
        Fault = FaultOf(swaps);
        if (Fault is not null)
            return ([], Fault);
        // Those that need others first.
        foreach (var module in difference.Removed.Reverse())
            _removals.Add(host.RemoveAsync(module));
        return ([.. swaps.Select(MoveOf), .. difference.Removed.Select(module => new ModuleMove(module, "", 0, 0))], null);
    }

    public async Task AbandonAsync()
    {
        _decision.TrySetResult(false);
        await Task.WhenAll(_swaps);
    }

    public async Task<IReadOnlyList<ModuleEnding>> EndedAsync()
    {
        var ended = new List<ModuleEnding>();
        foreach (var swap in (await Task.WhenAll(_swaps)).SelectMany(swap => swap))
        {
            if (swap.Retirement is { } retirement)
                ended.Add(EndingOf(await retirement));
        }

        foreach (var removal in _removals)
        {
            if (await removal is { } retirement)
                ended.Add(EndingOf(retirement));
        }

        return ended;
    }

    // Ends when it waits at the move, or has failed before.
    private async Task PrepareAsync(Func<Func<CancellationToken, Task<bool>>, Task<IReadOnlyList<SwapResult>>> begin)
    {
        if (Fault is not null)
            return;
        var isPrepared = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var swap = begin(async superseded =>
        {
            isPrepared.TrySetResult();
            return await _decision.Task.WaitAsync(superseded);
        });
        _swaps.Add(swap);
        if (await Task.WhenAny(isPrepared.Task, swap) == swap)
            Fault = FaultOf(await swap);
    }

    private static async Task<IReadOnlyList<SwapResult>> AloneAsync(Task<SwapResult> swap) => [await swap];

    private string? FindNeed()
    {
        var left = host.Board.Table.Entries.Where(entry =>
            !difference.Removed.Contains(entry.Name) && !difference.Packages.Any(package => IsOf(package, entry.Name)));
        var user = left.FirstOrDefault(entry => entry.Traffic.Current.Package.Manifest.Needs.Any(difference.Removed.Contains));
        return user is null ? null
            : $"The module {user.Name} needs {user.Traffic.Current.Package.Manifest.Needs.First(difference.Removed.Contains)}. " +
                "Remove it first.";
    }

    private static bool IsOf(string package, string module)
    {
        try
        {
            return PackageStore.NameOf(package) == module;
        }
        catch (ModulePackageException)
        {
            // Said by what loads it.
            return false;
        }
    }

    // The one that has failed by itself says more than those of its group that were given up with it.
    internal static string? FaultOf(IReadOnlyList<SwapResult> swaps)
    {
        var failed = swaps.Where(swap => swap.Outcome != SwapOutcome.Moved).ToList();
        if (failed.Count == 0)
            return null;
        var culprit = failed.Find(swap => swap.Phase != SwapPhase.Move || swap.Outcome == SwapOutcome.Superseded) ?? failed[0];
        var who = culprit.Module.Length == 0 ? ""
            : culprit.Version.Length == 0 ? $"Module {culprit.Module}: "
            : $"Module {culprit.Module} {culprit.Version}, in {NameOf(culprit.Phase)}: ";
        return Texts.CutReason($"{who}{Texts.WithoutOwnFrames(culprit.Reason ?? "")}");
    }

    private static string NameOf(SwapPhase phase) => phase == SwapPhase.WarmUp ? "warm-up" : ModuleControl.NameOf(phase);

    private ModuleMove MoveOf(SwapResult swap)
    {
        var canary = host.Board.Find(swap.Module)?.Canary;
        return new ModuleMove(
            swap.Module, swap.Version, swap.Generation, swap.Freeze.TotalMilliseconds,
            canary?.Generation.Number == swap.Generation ? canary.Split.Rule : null);
    }

    private static ModuleEnding EndingOf(Retirement ended) => new(
        ended.Module, ended.Generation, ModuleControl.NameOf(ended.Verdict.Outcome), ended.Drain.TotalMilliseconds,
        ended.Aborted.Count, [.. ended.Faults.Take(ModuleGenerationSummary.CulpritsMax).Select(Texts.Cut)],
        ModuleControl.Told(ended.Verdict.Culprits));
}

/// <summary>Tells phases together with their module, at once and not on whatever thread there is: their order is what is
/// told.</summary>
internal sealed class PhaseOf(string module, Action<string, SwapPhase> onPhase) : IProgress<SwapPhase>
{
    /// <summary>Tells the phases of a package's module.</summary>
    public static PhaseOf Package(string folder, Action<string, SwapPhase> onPhase)
    {
        try
        {
            return new PhaseOf(PackageStore.NameOf(folder), onPhase);
        }
        catch (ModulePackageException)
        {
            // Said by what loads it.
            return new PhaseOf("", onPhase);
        }
    }

    public void Report(SwapPhase value) => onPhase(module, value);
}
