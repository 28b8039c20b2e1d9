using Midstream.Prove;

namespace Midstream.Bench.Upgrades;

/// <summary>What is done to every peer alike: who the clients are, and how often and when the peer is upgraded.</summary>
internal sealed record SeriesPlan
{
    /// <summary>The clients of a series that are idle most of the time.</summary>
    public const int ThinkingClients = 32;

    /// <summary>The clients that hardly pause, in a series of their own.</summary>
    public const int BusyClients = 32;

    /// <summary>The plans that can be chosen.</summary>
    public static readonly IReadOnlyList<SeriesPlan> All =
    [
        Thinking("think-200", 200),
        Thinking("think-20", 20),
        new()
        {
            Id = "busy",
            Title = $"{BusyClients} busy clients, no pause",
            Clients = new Dictionary<ClientKind, int> { [ClientKind.Busy] = BusyClients },
            Pauses = new Dictionary<ClientKind, PauseRange> { [ClientKind.Busy] = PauseRange.Milliseconds(0, 0) },
        },
    ];

    /// <summary>Gets what it is called on the command line.</summary>
    public required string Id { get; init; }

    /// <summary>Gets what it is called in the report.</summary>
    public required string Title { get; init; }

    public required IReadOnlyDictionary<ClientKind, int> Clients { get; init; }

    public required IReadOnlyDictionary<ClientKind, PauseRange> Pauses { get; init; }

    /// <summary>Gets the number of upgrades, 1 to 50.</summary>
    public int Upgrades { get; init; } = 10;

    /// <summary>Gets the time from one upgrade's begin to the next one's; longer when an upgrade takes longer.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(2800);

    /// <summary>Gets how long the same clients drive the peer before anything is counted.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets what the prover is told.</summary>
    /// <param name="url">The peer.</param>
    public ProveOptions OptionsFor(string url) => new()
    {
        Url = url,
        Clients = Clients,
        ThinkTimes = Pauses,
        ExpectStatus = 200,
        ExpectBody = "Hello, World!",
        ReleaseHeader = Peers.Peer.ReleaseHeader,
        // Ended by the caller when the last upgrade is done; this is the bound.
        Duration = TimeSpan.FromMinutes(10),
    };

    private static SeriesPlan Thinking(string id, int longestMs) => new()
    {
        Id = id,
        Title = $"{ThinkingClients} keep-alive clients, think time 0-{longestMs} ms",
        Clients = new Dictionary<ClientKind, int> { [ClientKind.Thinking] = ThinkingClients },
        Pauses = new Dictionary<ClientKind, PauseRange> { [ClientKind.Thinking] = PauseRange.Milliseconds(0, longestMs) },
    };
}
