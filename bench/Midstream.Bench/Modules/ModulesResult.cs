namespace Midstream.Bench.Modules;

/// <summary>What was measured of the modules; null what was not.</summary>
internal sealed record ModulesResult
{
    public SlotCostResult? SlotCost { get; init; }

    public EndpointsResult? Endpoints { get; init; }

    public SwapTimesResult? SwapTimes { get; init; }

    public ManySwapsResult? ManySwaps { get; init; }

    public PacedResult? Paced { get; init; }

    public StateResult? State { get; init; }

    /// <summary>Returns the result with what another one has, in the place of its own.</summary>
    public ModulesResult With(ModulesResult later) => new()
    {
        SlotCost = later.SlotCost ?? SlotCost,
        Endpoints = later.Endpoints ?? Endpoints,
        SwapTimes = later.SwapTimes ?? SwapTimes,
        ManySwaps = later.ManySwaps ?? ManySwaps,
        Paced = later.Paced ?? Paced,
        State = later.State ?? State,
    };
}
