// What the drain ladder looks at.

namespace Midstream.Core.Drain;

/// <summary>Holds the facts about one connection of a draining worker.</summary>
/// <param name="Kind">What is spoken on it.</param>
/// <param name="AtBoundary">Whether nothing is under way on it: it stands between two requests, or two messages. Never known of
/// HTTP/2 in the clear, and of protocols that are not followed.</param>
/// <param name="PeerTakesConnections">Whether the new generation's worker can take connections over at all.</param>
/// <param name="RefusedBefore">Whether the new worker refused this connection.</param>
/// <param name="Time">How much of the drain's time is left.</param>
/// <param name="MayResume">Whether the new worker is gone and the supervisor may still tell this one to resume.</param>
public readonly record struct DrainFacts(
    ConnectionKind Kind,
    bool AtBoundary,
    bool PeerTakesConnections,
    bool RefusedBefore,
    DrainTime Time,
    bool MayResume);
