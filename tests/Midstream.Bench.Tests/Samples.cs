using Midstream.Bench.Reports;
using Midstream.Bench.Steady;
using Midstream.Bench.Upgrades;
using Midstream.Prove;

namespace Midstream.Bench.Tests;

// Results as a run would have them, with numbers that are easy to follow through a table.
internal static class Samples
{
    public static Machine Machine { get; } = new("Testprocessor", 2, "6.1", 2048, "Testlinux");

    public static BenchRun Run { get; } = new() { Day = new DateOnly(2026, 1, 2), Commit = "abc", Machine = Machine };

    public static LatencyQuantiles Latency(double p50Ms) => new()
    {
        P50Ms = p50Ms, P90Ms = 2 * p50Ms, P99Ms = 3 * p50Ms, P999Ms = 4 * p50Ms, MaxMs = 5 * p50Ms,
    };

    public static PeerResult Peer(string id, params UpgradeTimes[] upgrades) => new()
    {
        Peer = id,
        Name = $"{id}, by hand",
        Version = "1.2.3",
        LoadAverage = 0.25,
        DurationMs = 28_000,
        Requests = 12_345,
        Outcomes = Outcomes(answered: 12_335, lostNoResponse: 7, malformed: 3),
        Connections = new ConnectionCounts
        {
            Opened = 100, OpenedAtBeginning = 32, Survived = 30, AnnouncedCloses = 11, UnannouncedCloses = 22,
            ClosesUnderRequest = 33, Unsolicited = 0,
        },
        Steady = Latency(1),
        DuringUpgrades = Latency(50),
        AnswersDuringUpgrades = 500,
        Upgrades = upgrades,
        MemoryBytes = 50L << 20,
        PeakMemoryBytes = 90L << 20,
        Failures = ["LostNoResponse: reset", "LostNoResponse: reset"],
    };

    public static SeriesResult Series(string id, params PeerResult[] peers) => new(id, $"Clients of {id}", 10, 2800, peers, []);

    public static Sample Sample(double requestsPerSecond) => new(requestsPerSecond, 100, 200, 10);

    private static OutcomeCounts Outcomes(long answered, long lostNoResponse, long malformed) => new()
    {
        Answered = answered, NotSent = 0, LostConnectFailed = 0, LostNoResponse = lostNoResponse, LostTruncated = 0,
        LostTimeout = 0, LostUnanswered = 0, WrongStatus = 0, WrongBody = 0, WrongId = 0, Malformed = malformed,
    };
}
