using Microsoft.AspNetCore.Http;

namespace Midstream.Modules.Slots;

/// <summary>Who serves in a slot. Immutable: a swap, a canary and each change of its rule replace it as a whole.</summary>
/// <param name="Current">The generation that serves.</param>
/// <param name="Canary">What serves beside it; null for nothing.</param>
internal sealed record SlotTraffic(ModuleGeneration Current, CanaryTraffic? Canary = null)
{
    /// <summary>Chooses the generation for a request.</summary>
    public ModuleGeneration Choose(HttpContext context) =>
        Canary is { } canary && canary.Split.TakesCanary(context) ? canary.Generation : Current;
}

/// <summary>A generation that gets a part of a slot's requests.</summary>
internal sealed record CanaryTraffic(ModuleGeneration Generation, CanarySplit Split);
