using System.Diagnostics.CodeAnalysis;
using Midstream.Core.Modules;
using Midstream.Modules.Slots;

namespace Midstream.Modules.Swaps;

/// <summary>Keeps the generation that was replaced, paused, for as long as the options say: its requests end, its hosted services
/// are stopped, and it can take over again at once.</summary>
internal sealed class PreviousKeeper(ModulesOptions options, GenerationEnd end, TimeProvider clock)
{
    /// <summary>Keeps a generation in its slot. What the slot kept before is ended.</summary>
    /// <returns>False when generations are not kept; then nothing was done.</returns>
    public bool Keep(ModuleSlot slot, ModuleGeneration generation)
    {
        Release(slot);
        if (options.KeepPrevious <= TimeSpan.Zero)
            return false;
        generation.Happened(ModuleEvent.Kept);
        var kept = new KeptGeneration(generation);
        kept.Pausing = end.PauseAsync(generation, kept.WantedBack);
        slot.Kept = kept;
        kept.Timer = clock.CreateTimer(_ => Expire(slot, kept), null, options.KeepPrevious, Timeout.InfiniteTimeSpan);
        return true;
    }

    /// <summary>Ends what a slot keeps.</summary>
    /// <returns>How it ends; null when it keeps nothing.</returns>
    public Task<Retirement>? Release(ModuleSlot slot) => slot.TakeKept() is { } kept ? RetireAsync(kept) : null;

    /// <summary>Takes back what a slot keeps, to serve again.</summary>
    /// <returns>The generation, which is nobody else's now; null when none is kept.</returns>
    public static async Task<ModuleGeneration?> TakeBackAsync(ModuleSlot slot)
    {
        if (slot.TakeKept() is not { } kept)
            return null;
        await kept.EndPausingAsync();
        return kept.Generation;
    }

    private void Expire(ModuleSlot slot, KeptGeneration kept)
    {
        if (slot.TakeKept(kept) is not null)
            _ = RetireAsync(kept);
    }

    private async Task<Retirement> RetireAsync(KeptGeneration kept)
    {
        await kept.EndPausingAsync();
        return await end.RetireAsync(kept.Generation);
    }
}

/// <summary>A generation that is kept.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The source has no timer, and is cancelled before it is let go.")]
internal sealed class KeptGeneration(ModuleGeneration generation)
{
    private readonly CancellationTokenSource _wantedBack = new();

    public ModuleGeneration Generation => generation;

    /// <summary>Gets a token that is cancelled when the generation is to be paused no further.</summary>
    public CancellationToken WantedBack => _wantedBack.Token;

    public Task Pausing { get; set; } = Task.CompletedTask;

    public ITimer? Timer { get; set; }

    /// <summary>Ends the wait for its last requests, and waits for what cannot be left half done.</summary>
    public async Task EndPausingAsync()
    {
        if (Timer is { } timer)
            await timer.DisposeAsync();
        await _wantedBack.CancelAsync();
        await Pausing;
    }
}
