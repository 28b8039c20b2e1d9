using Midstream.Prove.Clients;

namespace Midstream.Prove;

// Makes snapshots of a run under way. A snapshot that takes longer than the time to the next one makes the next one be left out.
internal sealed class ProgressMeter(RunContext run, IProgress<ProveSnapshot>? progress)
{
    private readonly Lock _lock = new();
    private long _requestsBefore;
    private TimeSpan _before;

    public void Report()
    {
        if (progress is null || !_lock.TryEnter())
            return;
        try
        {
            progress.Report(Snapshot());
        }
        finally
        {
            _lock.Exit();
        }
    }

    private ProveSnapshot Snapshot()
    {
        var elapsed = run.Accounts.Now;
        var requests = run.Accounts.Numbers.Given;
        var rate = (requests - _requestsBefore) / Math.Max(0.001, (elapsed - _before).TotalSeconds);
        (_requestsBefore, _before) = (requests, elapsed);
        var outcomes = run.Accounts.Kinds.Select(kind => kind.Outcomes).Aggregate((sum, next) => sum.Plus(next));
        return new ProveSnapshot(
            elapsed, requests, outcomes.Answered, outcomes.Lost, outcomes.Wrong, rate,
            run.Accounts.Releases.Names(), run.Stopping);
    }
}
