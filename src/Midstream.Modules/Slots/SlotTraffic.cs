namespace Midstream.Modules.Slots;

/// <summary>Who serves in a slot. Immutable: a swap replaces it as a whole.</summary>
/// <param name="Current">The generation that serves.</param>
internal sealed record SlotTraffic(ModuleGeneration Current);
