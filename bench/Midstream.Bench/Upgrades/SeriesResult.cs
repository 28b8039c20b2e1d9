namespace Midstream.Bench.Upgrades;

/// <summary>One table: the same series for every peer.</summary>
/// <param name="Id">The series.</param>
/// <param name="Title">Who the clients were.</param>
/// <param name="Upgrades">How often each peer was upgraded.</param>
/// <param name="IntervalMs">How long after the upgrade before.</param>
/// <param name="Peers">The rows.</param>
/// <param name="NotMeasured">Peers that could not be measured, and why.</param>
internal sealed record SeriesResult(
    string Id,
    string Title,
    int Upgrades,
    double IntervalMs,
    IReadOnlyList<PeerResult> Peers,
    IReadOnlyList<string> NotMeasured);
