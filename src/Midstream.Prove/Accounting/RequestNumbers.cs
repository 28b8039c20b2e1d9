namespace Midstream.Prove.Accounting;

// Gives every request its number, from 1, and stops at the run's limit. What was given out is what must be accounted for.
internal sealed class RequestNumbers(long? most)
{
    private readonly long _most = most ?? long.MaxValue;
    private long _given;

    public long Given => Math.Min(Volatile.Read(ref _given), _most);

    // Returns how many of the wanted numbers there still are; they follow each other from first on.
    public int Take(int wanted, out long first)
    {
        if (Volatile.Read(ref _given) >= _most)
        {
            first = 0;
            return 0;
        }
        first = Interlocked.Add(ref _given, wanted) - wanted + 1;
        return (int)Math.Clamp(_most - first + 1, 0, wanted);
    }
}
