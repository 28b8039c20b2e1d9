namespace Midstream.Prove.Accounting;

// Describes the first failures of a run in full and only counts the rest, so that a long run against a broken server stays small.
internal sealed class FailureLog(int most)
{
    private readonly Lock _lock = new();
    private readonly List<RequestFailure> _failures = [];
    private long _notDescribed;

    // The description is made only when there is room for it.
    public void Add(Func<RequestFailure> describe)
    {
        lock (_lock)
        {
            if (_failures.Count < most)
                _failures.Add(describe());
            else
                _notDescribed++;
        }
    }

    public (IReadOnlyList<RequestFailure> Described, long NotDescribed) Read()
    {
        lock (_lock)
            return ([.. _failures], _notDescribed);
    }
}
