using Midstream.Prove.Tests.Server;

namespace Midstream.Prove.Tests;

// What the tests of whole runs have in common: quick options, a bound on every wait, and the comparison of all outcomes at once.
internal static class Oracle
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(60);

    public static Task<ProveReport> RunAsync(
        ProveOptions options,
        IProgress<ProveSnapshot>? progress = null,
        PeriodMarker? marker = null,
        CancellationToken end = default) =>
        ProveRun.RunAsync(options, progress, marker, end).WaitAsync(s_bound, CancellationToken.None);

    public static ProveOptions Options(FaultyServer server, ClientKind kind, int clients, long requests) => new()
    {
        Url = server.Url,
        Clients = new Dictionary<ClientKind, int> { [kind] = clients },
        RequestsMax = requests,
        ThinkTimes = ClientKinds.All.ToDictionary(k => k, _ => PauseRange.Milliseconds(0, 2)),
        PiecePause = PauseRange.Milliseconds(1, 2),
        UploadPath = "/up",
        UploadBytes = 1024,
        DownloadPath = "/down",
    };

    public static Dictionary<ClientKind, PauseRange> AlwaysThink(TimeSpan time) =>
        ClientKinds.All.ToDictionary(kind => kind, _ => new PauseRange(time, time));

    // Outcomes that are not named must not have occurred.
    public static void AssertOutcomes(ProveReport report, params (RequestOutcome Outcome, long Count)[] expected)
    {
        var wanted = expected.Where(e => e.Count > 0).ToDictionary(e => e.Outcome, e => e.Count);
        Assert.Equal(wanted.OrderBy(e => e.Key), Found(report.Outcomes).Where(e => e.Value > 0).OrderBy(e => e.Key));
        Assert.Equal(report.Requests, report.Outcomes.Total);
        Assert.Equal(report.Failures.Count + report.FailuresNotDescribed, report.Lost + report.Wrong);
    }

    private static Dictionary<RequestOutcome, long> Found(OutcomeCounts counts) => new()
    {
        [RequestOutcome.Answered] = counts.Answered,
        [RequestOutcome.NotSent] = counts.NotSent,
        [RequestOutcome.LostConnectFailed] = counts.LostConnectFailed,
        [RequestOutcome.LostNoResponse] = counts.LostNoResponse,
        [RequestOutcome.LostTruncated] = counts.LostTruncated,
        [RequestOutcome.LostTimeout] = counts.LostTimeout,
        [RequestOutcome.LostUnanswered] = counts.LostUnanswered,
        [RequestOutcome.WrongStatus] = counts.WrongStatus,
        [RequestOutcome.WrongBody] = counts.WrongBody,
        [RequestOutcome.WrongId] = counts.WrongId,
        [RequestOutcome.Malformed] = counts.Malformed,
    };
}
