// What becomes of a connection when its worker drains. The first row that fits decides.
//
//   deadline | peer died | peer takes it, never refused | connection               | rung
//   ---------+-----------+------------------------------+--------------------------+--------------------
//   passed   | any       | any                          | any                      | close
//   -        | yes       | any                          | any                      | hold until deadline
//   -        | no        | any                          | upgraded                 | hold until deadline
//   -        | no        | any                          | websocket                | announce
//   -        | no        | any                          | http2, http2 over tls    | announce
//   -        | no        | any                          | tls                      | announce
//   -        | no        | yes                          | nothing read             | move
//   -        | no        | yes                          | http1 at a boundary      | move
//   -        | no        | yes                          | http1 within a request   | finish, then move
//   -        | no        | no                           | nothing read, http1      | announce
//
// A dead peer holds everything because this worker may be told to resume: an announcement would send clients away from the only
// worker that lives. An idle HTTP/1 connection that cannot move is announced to, not closed: a request may be on its way.

namespace Midstream.Core.Drain;

/// <summary>Decides, without doing anything, what becomes of a connection when its worker drains.</summary>
public static class DrainLadder
{
    /// <summary>Decides what to do with a connection now. Ask again whenever a fact changes.</summary>
    /// <param name="facts">What is known about the connection.</param>
    public static DrainRung Decide(DrainFacts facts)
    {
        bool canMove = facts.PeerTakesConnections && !facts.RefusedBefore;
        return facts switch
        {
            { DeadlinePassed: true } => DrainRung.Close,
            { PeerDied: true } => DrainRung.HoldUntilDeadline,
            { Kind: ConnectionKind.Upgraded } => DrainRung.HoldUntilDeadline,
            { Kind: ConnectionKind.WebSocket } => DrainRung.Announce,
            { Kind: ConnectionKind.Http2 or ConnectionKind.Http2OverTls } => DrainRung.Announce,
            { Kind: ConnectionKind.Tls } => DrainRung.Announce,
            { Kind: ConnectionKind.NothingRead } when canMove => DrainRung.Move,
            { Kind: ConnectionKind.Http1, AtBoundary: true } when canMove => DrainRung.Move,
            { Kind: ConnectionKind.Http1 } when canMove => DrainRung.FinishThenMove,
            _ => DrainRung.Announce,
        };
    }
}
