using System.Diagnostics;

namespace Midstream.Prove.Accounting;

// The books of one run: everything the report is made of, and the clock its moments are told by.
internal sealed class RunAccounts
{
    private readonly long _began = Stopwatch.GetTimestamp();

    public RunAccounts(ProveOptions options, PeriodMarker? marker = null)
    {
        Marker = marker;
        Kinds = [.. ClientKinds.All.Select(kind => new KindTally(kind, options.CountOf(kind)))];
        Failures = new FailureLog(options.FailuresMax);
        Numbers = new RequestNumbers(options.RequestsMax);
    }

    public DateTimeOffset BeganAt { get; } = DateTimeOffset.UtcNow;

    public TimeSpan Now => Stopwatch.GetElapsedTime(_began);

    // Below zero for a moment before the run.
    public TimeSpan MomentOf(long timestamp) => Stopwatch.GetElapsedTime(_began, timestamp);

    public PeriodMarker? Marker { get; }

    // One for each kind, also for those without clients, at the index of the kind's value.
    public IReadOnlyList<KindTally> Kinds { get; }

    public FailureLog Failures { get; }

    public ReleaseLog Releases { get; } = new();

    public RequestNumbers Numbers { get; }
}
