// What becomes of a connection when its worker drains. The first row that fits decides.
//
//   time      | may resume | can move | connection                                        | rung
//   ----------+------------+----------+---------------------------------------------------+-----------------
//   over      | any        | any      | any                                               | close
//   -         | yes        | any      | any                                               | hold
//   -         | no         | yes      | nothing read                                      | move
//   -         | no         | yes      | http1, movable websocket or stream, at a boundary | move
//   -         | no         | yes      | http1, movable websocket or stream                | finish, then move
//   -         | no         | any      | upgraded                                          | hold
//   -         | no         | any      | websocket, movable websocket                      | announce
//   -         | no         | any      | http2                                             | announce
//   last call | no         | any      | nothing read                                      | half-close
//   last call | no         | any      | http1, tls, http2 over tls, movable stream, idle  | half-close
//   -         | no         | any      | movable stream                                    | hold
//   -         | no         | any      | nothing read, http1, tls, http2 over tls          | announce
//
// "Can move" means: the new worker takes connections, and has not refused this one. While the supervisor may still tell this
// worker
// to resume, nothing is announced: it would send clients away from the only worker that lives. An idle HTTP/1 connection that
// cannot move is announced to, not closed: a request may be on its way. Only when hardly any time is left is it ended unasked.

namespace Midstream.Core.Drain;

/// <summary>Decides, without doing anything, what becomes of a connection when its worker drains.</summary>
public static class DrainLadder
{
    /// <summary>Decides what to do with a connection now. Ask again whenever a fact changes.</summary>
    /// <param name="facts">What is known about the connection.</param>
    public static DrainRung Decide(DrainFacts facts) => facts switch
    {
        { Time: DrainTime.Over } => DrainRung.Close,
        { MayResume: true } => DrainRung.Hold,
        { PeerTakesConnections: true, RefusedBefore: false } when CouldMove(facts.Kind) =>
            facts.AtBoundary || facts.Kind == ConnectionKind.NothingRead ? DrainRung.Move : DrainRung.FinishThenMove,
        _ => Stays(facts),
    };

    private static bool CouldMove(ConnectionKind kind) => kind is ConnectionKind.NothingRead or ConnectionKind.Http1
        or ConnectionKind.MovableWebSocket or ConnectionKind.MovableStream;

    private static DrainRung Stays(DrainFacts facts)
    {
        bool isIdle = facts.AtBoundary || facts.Kind == ConnectionKind.NothingRead;
        return facts.Kind switch
        {
            ConnectionKind.Upgraded => DrainRung.Hold,
            ConnectionKind.WebSocket or ConnectionKind.MovableWebSocket => DrainRung.Announce,
            ConnectionKind.Http2 => DrainRung.Announce,
            _ when facts.Time == DrainTime.LastCall && isIdle => DrainRung.HalfClose,
            ConnectionKind.MovableStream => DrainRung.Hold,
            _ => DrainRung.Announce,
        };
    }
}
