// What the drain ladder looks at.

namespace Midstream.Core.Drain;

/// <summary>Holds the facts about one connection of a draining worker.</summary>
/// <param name="Kind">What is spoken on it.</param>
/// <param name="AtBoundary">Whether it stands between two requests. Means something for HTTP/1.x alone.</param>
/// <param name="PeerTakesConnections">Whether the new generation's worker can take connections over at all.</param>
/// <param name="RefusedBefore">Whether the new worker refused this connection.</param>
/// <param name="DeadlinePassed">Whether the time to drain is over.</param>
/// <param name="PeerDied">Whether the new worker is gone, so that this one may be told to resume.</param>
public readonly record struct DrainFacts(
    ConnectionKind Kind,
    bool AtBoundary,
    bool PeerTakesConnections,
    bool RefusedBefore,
    bool DeadlinePassed,
    bool PeerDied);
