namespace Midstream.Bench.Modules;

/// <summary>How large each measurement of the modules is.</summary>
internal sealed record ModulesPlan
{
    /// <summary>The measurements, by the names that the command line has for them.</summary>
    public static readonly IReadOnlyList<string> Parts = ["slot-cost", "endpoints", "swap-times", "many-swaps", "paced", "state"];

    /// <summary>Gets how often each cost is measured, both sides in turn.</summary>
    public int Rounds { get; init; } = 41;

    /// <summary>Gets how often each cost is measured over connections, a second for each side.</summary>
    public int ConnectionRounds { get; init; } = 9;

    /// <summary>Gets how many requests make one measurement of a cost.</summary>
    public int Requests { get; init; } = 20_000;

    /// <summary>Gets the larger number of endpoints in other modules.</summary>
    public int Endpoints { get; init; } = 10_000;

    /// <summary>Gets how often the number of endpoints changes there and back.</summary>
    public int EndpointRounds { get; init; } = 8;

    /// <summary>Gets how many swaps are timed in each setting.</summary>
    public int TimedSwaps { get; init; } = 25;

    /// <summary>Gets the number of swaps back to back.</summary>
    public int Swaps { get; init; } = 1000;

    /// <summary>Gets the number of clients during those, and during the paced ones.</summary>
    public int Clients { get; init; } = 50;

    /// <summary>Gets the seconds with one swap each, beside as many without.</summary>
    public int PacedSeconds { get; init; } = 60;

    /// <summary>Gets the number of entries of the state.</summary>
    public int Entries { get; init; } = 1_000_000;

    /// <summary>Gets how often the state goes to the second version and back.</summary>
    public int Trips { get; init; } = 3;

    /// <summary>Gets a plan that only shows that everything works.</summary>
    public static ModulesPlan Quick { get; } = new()
    {
        Rounds = 3, ConnectionRounds = 1, Requests = 1000, Endpoints = 100, EndpointRounds = 1, TimedSwaps = 2, Swaps = 20,
        Clients = 5, PacedSeconds = 2, Entries = 1000, Trips = 1,
    };
}
