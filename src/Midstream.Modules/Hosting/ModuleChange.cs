using Midstream.Core.Modules;
using Midstream.Modules.Packages;

namespace Midstream.Modules.Hosting;

/// <summary>One change of the set of modules, asked for from outside. Packages go through all phases and wait at the move; what
/// is removed needs no preparation, but has to be needed by nobody afterwards.</summary>
internal sealed class ModuleChange(ModuleHost host, IReadOnlyList<string> packages, IReadOnlyList<string> removed) : IModuleChange
{
    private readonly TaskCompletionSource _isPrepared = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _decision = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<IReadOnlyList<SwapResult>> _swaps = Task.FromResult<IReadOnlyList<SwapResult>>([]);
    private readonly List<Task<Retirement?>> _removals = [];

    public string? Fault { get; private set; }

    public async Task PrepareAsync(Action<string, SwapPhase> onPhase, CancellationToken cancellationToken)
    {
        Fault = FindNeed();
        if (Fault is not null || packages.Count == 0)
            return;
        _swaps = host.DeployTogetherAsync(packages, onPhase, WaitForDecisionAsync, cancellationToken);
        if (await Task.WhenAny(_isPrepared.Task, _swaps) == _swaps)
            Fault = FaultOf(await _swaps);
    }

    public async Task<(IReadOnlyList<ModuleMove> Moves, string? Fault)> MoveAsync()
    {
        if (Fault is not null)
            return ([], Fault);
        _decision.TrySetResult(true);
        var swaps = await _swaps;
        Fault = FaultOf(swaps);
        if (Fault is not null)
            return ([], Fault);
        // Those that need others first.
        foreach (var module in removed.Reverse())
            _removals.Add(host.RemoveAsync(module));
        return ([.. swaps.Select(MoveOf), .. removed.Select(module => new ModuleMove(module, "", 0, 0))], null);
    }

    public async Task AbandonAsync()
    {
        _decision.TrySetResult(false);
        await _swaps;
    }

    public async Task<IReadOnlyList<ModuleEnding>> EndedAsync()
    {
        var ended = new List<ModuleEnding>();
        foreach (var swap in await _swaps)
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

    private async Task<bool> WaitForDecisionAsync(CancellationToken superseded)
    {
        _isPrepared.TrySetResult();
        return await _decision.Task.WaitAsync(superseded);
    }

    private string? FindNeed()
    {
        var left = host.Board.Table.Entries
            .Where(entry => !removed.Contains(entry.Name) && !packages.Any(package => IsOf(package, entry.Name)));
        var user = left.FirstOrDefault(entry => entry.Traffic.Current.Package.Manifest.Needs.Any(removed.Contains));
        return user is null ? null
            : $"The module {user.Name} needs {user.Traffic.Current.Package.Manifest.Needs.First(removed.Contains)}. " +
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
    private static string? FaultOf(IReadOnlyList<SwapResult> swaps)
    {
        var failed = swaps.Where(swap => swap.Outcome != SwapOutcome.Moved).ToList();
        if (failed.Count == 0)
            return null;
        var culprit = failed.Find(swap => swap.Phase != SwapPhase.Move || swap.Outcome == SwapOutcome.Superseded) ?? failed[0];
        var who = culprit.Module.Length == 0 ? "" : $"Module {culprit.Module} {culprit.Version}, in {NameOf(culprit.Phase)}: ";
        return Texts.CutReason($"{who}{Texts.WithoutOwnFrames(culprit.Reason ?? "")}");
    }

    private static string NameOf(SwapPhase phase) => phase == SwapPhase.WarmUp ? "warm-up" : ModuleControl.NameOf(phase);

    private static ModuleMove MoveOf(SwapResult swap) =>
        new(swap.Module, swap.Version, swap.Generation, swap.Freeze.TotalMilliseconds);

    private static ModuleEnding EndingOf(Retirement ended) => new(
        ended.Module, ended.Generation, ModuleControl.NameOf(ended.Verdict.Outcome), ended.Drain.TotalMilliseconds,
        ended.Aborted.Count, [.. ended.Faults.Take(ModuleGenerationSummary.CulpritsMax).Select(Texts.Cut)],
        ModuleControl.Told(ended.Verdict.Culprits));
}
