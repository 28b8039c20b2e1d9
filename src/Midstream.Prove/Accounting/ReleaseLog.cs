namespace Midstream.Prove.Accounting;

// Which releases answered, and when clients noticed that another release had taken over. A change is seen from the clients' side:
// one client's answers come from release A, then from B. The changes of many clients from A to B that follow each other closely
// are one entry, so a swap is one line whatever the number of clients; memory is bounded however many swaps a run sees.
internal sealed class ReleaseLog
{
    public const string Others = "(others)";
    private const int ReleasesMax = 64;
    private const int ChangesMax = 200;
    private static readonly TimeSpan s_sameSwap = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, ReleaseTally> _byName = [];
    private readonly List<ReleaseTally> _inOrder = [];
    private readonly List<ReleaseChange> _changes = [];
    private long _changesNotListed;
    private long _unnamedAnswers;

    public void CountUnnamed() => Interlocked.Increment(ref _unnamedAnswers);

    public long UnnamedAnswers => Volatile.Read(ref _unnamedAnswers);

    public ReleaseTally Find(string name, TimeSpan at)
    {
        lock (_lock)
        {
            if (_byName.TryGetValue(name, out var tally))
                return tally;
            if (_inOrder.Count >= ReleasesMax && name != Others)
                return Find(Others, at);
            tally = new ReleaseTally(name, at);
            _byName.Add(name, tally);
            _inOrder.Add(tally);
            return tally;
        }
    }

    public void Changed(ReleaseTally from, ReleaseTally to, TimeSpan at)
    {
        lock (_lock)
        {
            var index = _changes.FindLastIndex(c => c.From == from.Name && c.To == to.Name);
            if (index >= 0 && at.TotalMilliseconds - _changes[index].LastMs < s_sameSwap.TotalMilliseconds)
                _changes[index] = _changes[index] with { LastMs = at.TotalMilliseconds, Clients = _changes[index].Clients + 1 };
            else if (_changes.Count < ChangesMax)
                _changes.Add(NewChange(from, to, at));
            else
                _changesNotListed++;
        }
    }

    public IReadOnlyList<string> Names()
    {
        lock (_lock)
            return [.. _inOrder.Select(tally => tally.Name)];
    }

    public (IReadOnlyList<ReleaseReport> Releases, IReadOnlyList<ReleaseChange> Changes, long ChangesNotListed) Read()
    {
        lock (_lock)
            return ([.. _inOrder.Select(tally => tally.ToReport())], [.. _changes], _changesNotListed);
    }

    private static ReleaseChange NewChange(ReleaseTally from, ReleaseTally to, TimeSpan at) => new()
    {
        From = from.Name,
        To = to.Name,
        FirstMs = at.TotalMilliseconds,
        LastMs = at.TotalMilliseconds,
        Clients = 1,
    };
}
