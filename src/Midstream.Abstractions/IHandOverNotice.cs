namespace Midstream;

/// <summary>
/// Tells an application that its next generation has taken over: new requests go there, and what is still under way here keeps
/// this process from ending. A handler that waits for something, a long poll or a stream of events, can answer now and let its
/// client ask again. Resolved as a singleton; elsewhere than under <c>midstream run</c> it never says so.
/// </summary>
public interface IHandOverNotice
{
    /// <summary>Gets a token that is cancelled when this process begins to let go of its connections. A hand-over that failed is
    /// taken back, and then there is a new token: ask for it in each request. Thread-safe.</summary>
    CancellationToken HandingOver { get; }
}
