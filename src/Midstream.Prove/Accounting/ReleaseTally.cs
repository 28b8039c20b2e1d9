namespace Midstream.Prove.Accounting;

// The answers of one release.
internal sealed class ReleaseTally(string name, TimeSpan firstSeen)
{
    private long _answers;
    private long _lastSeenTicks = firstSeen.Ticks;

    public string Name => name;

    // Any thread may count. Of two answers at the same moment either may become the last one seen.
    public void Count(TimeSpan at)
    {
        Interlocked.Increment(ref _answers);
        Volatile.Write(ref _lastSeenTicks, at.Ticks);
    }

    public ReleaseReport ToReport() => new()
    {
        Name = name,
        Answers = Volatile.Read(ref _answers),
        FirstSeenMs = firstSeen.TotalMilliseconds,
        LastSeenMs = new TimeSpan(Volatile.Read(ref _lastSeenTicks)).TotalMilliseconds,
    };
}
