using Midstream.Prove.Accounting;

namespace Midstream.Prove;

// Draws up the report from a run's books once no request is under way any more.
internal static class ReportBuilder
{
    public static ProveReport Build(ProveOptions options, RunAccounts accounts, bool endedEarly)
    {
        KindReport[] kinds = [.. accounts.Kinds.Where(tally => tally.Clients > 0).Select(ReportOf)];
        var outcomes = kinds.Select(kind => kind.Outcomes).Aggregate((sum, next) => sum.Plus(next));
        var (failures, notDescribed) = accounts.Failures.Read();
        var (releases, changes, notListed) = accounts.Releases.Read();
        return new ProveReport
        {
            Url = options.Url,
            BeganAt = accounts.BeganAt,
            DurationMs = accounts.Now.TotalMilliseconds,
            EndedEarly = endedEarly,
            Requests = accounts.Numbers.Given,
            Lost = outcomes.Lost,
            Wrong = outcomes.Wrong,
            Outcomes = outcomes,
            Connections = kinds.Select(kind => kind.Connections).Aggregate((sum, next) => sum.Plus(next)),
            Latency = LatencyQuantiles.Of(Sum(accounts, tally => tally.AllLatencies)),
            Marked = accounts.Marker is { } marker ? MarkedReportOf(accounts, marker) : null,
            Kinds = kinds,
            Releases = releases,
            UnnamedAnswers = accounts.Releases.UnnamedAnswers,
            ReleaseChanges = changes,
            ReleaseChangesNotListed = notListed,
            Failures = failures,
            FailuresNotDescribed = notDescribed,
        };
    }

    private static KindReport ReportOf(KindTally tally) => new()
    {
        Kind = tally.Kind,
        Clients = tally.Clients,
        Outcomes = tally.Outcomes,
        Connections = tally.Connections,
        Latency = LatencyQuantiles.Of(tally.AllLatencies),
    };

    private static MarkedReport MarkedReportOf(RunAccounts accounts, PeriodMarker marker)
    {
        var marked = Sum(accounts, tally => tally.MarkedLatencies);
        return new MarkedReport
        {
            Periods = [.. marker.Read().Select(period => new MarkedPeriod(
                accounts.MomentOf(period.From).TotalMilliseconds, accounts.MomentOf(period.To).TotalMilliseconds))],
            Answers = marked.Count,
            Latency = LatencyQuantiles.Of(marked),
            OtherLatency = LatencyQuantiles.Of(Sum(accounts, tally => tally.OtherLatencies)),
        };
    }

    private static LatencyHistogram Sum(RunAccounts accounts, Func<KindTally, LatencyHistogram> latencies)
    {
        var sum = new LatencyHistogram();
        foreach (var tally in accounts.Kinds)
            sum.Add(latencies(tally));
        return sum;
    }
}
