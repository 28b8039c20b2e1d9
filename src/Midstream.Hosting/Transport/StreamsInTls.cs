using System.Diagnostics;
using Midstream.Hosting.Drain;

namespace Midstream.Hosting.Transport;

/// <summary>
/// Ends an HTTP/2 connection inside TLS, where no frame of ours can be put between the server's. Kestrel's own shutdown sends an
/// early GOAWAY, and the final one as soon as no stream is left: a stream that crosses it on the wire would be lost. So it is
/// asked for while a stream is under way, and that stream is held, answered already, until a round trip has passed.
/// </summary>
/// <param name="close">Asks the server for its shutdown.</param>
internal sealed class StreamsInTls(Action close)
{
    private int _underWay;
    private long _askedAt;
    private volatile bool _isToEnd;

    /// <summary>Gets whether no stream is under way.</summary>
    public bool IsIdle => Volatile.Read(ref _underWay) == 0;

    /// <summary>Gets whether the early GOAWAY has been asked for.</summary>
    public bool IsAsked => Volatile.Read(ref _askedAt) != 0;

    /// <summary>Announces the end now if a stream is under way, or else with the next one.</summary>
    public void Announce()
    {
        _isToEnd = true;
        Interlocked.MemoryBarrier();
        if (!IsIdle)
            Ask();
    }

    /// <summary>A stream's request begins.</summary>
    public void Begin()
    {
        Interlocked.Increment(ref _underWay);
        if (_isToEnd)
            Ask();
    }

    /// <summary>A stream has been answered; the server must not hear of its end before this does.</summary>
    /// <returns>A task that ends when the server may.</returns>
    public async Task EndAsync()
    {
        if (IsAsked && AnnouncingFrames.GoAwayDelay - Stopwatch.GetElapsedTime(Volatile.Read(ref _askedAt)) is var rest
            && rest > TimeSpan.Zero)
            await Task.Delay(rest);
        Interlocked.Decrement(ref _underWay);
    }

    private void Ask()
    {
        if (Interlocked.CompareExchange(ref _askedAt, Stopwatch.GetTimestamp(), 0) == 0)
            close();
    }
}
