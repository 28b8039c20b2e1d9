// The main guarantee: a service replaced again and again under every kind of HTTP/1.1 traffic loses nothing and closes nothing.
// MIDSTREAM_TEST_DEPLOYMENTS sets how often.

using System.Globalization;
using Midstream.Control.Operators;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

public sealed class ManyDeploymentsTests(ITestOutputHelper output)
{
    private const int RequestsMin = 10_000;
    private const int LongestMs = 8 * 60 * 1000;
    private const string QuickProbation = """{ "probation": { "duration_ms": 50 } }""";

    private static readonly int s_deployments = int.Parse(
        Environment.GetEnvironmentVariable("MIDSTREAM_TEST_DEPLOYMENTS") ?? "20", CultureInfo.InvariantCulture);

    [Fact(Timeout = LongestMs)]
    public async Task Deploy_ManyTimesUnderAllKindsOfTraffic_LosesNothingAndClosesNothing()
    {
        using var folder = new TemporaryFolder();
        var echo = Repository.Published("tests/TestApps/Echo");
        string[] releases = [folder.MakeRelease(echo, "a"), folder.MakeRelease(echo, "b")];
        await using var service = await MidstreamService.StartAsync(folder, releases[0], QuickProbation);
        await using var traffic = await Guarantees.StartTrafficAsync(service.Url);

        var results = new List<ResultEvent>();
        for (var number = 1; number <= s_deployments; number++)
            results.Add(await service.DeployWellAsync(releases[number % 2]));
        var report = await traffic.EndAsync();

        output.WriteLine($"{report.Requests} requests, {results.Sum(result => result.Connections?.Moved)} connections moved, " +
            $"replaced in {results.Min(result => result.ReplacedInMs)} to {results.Max(result => result.ReplacedInMs)} ms, " +
            $"p50 {report.Latency.P50Ms} ms, p99 {report.Latency.P99Ms} ms, p99.9 {report.Latency.P999Ms} ms, " +
            $"max {report.Latency.MaxMs} ms");
        Guarantees.AssertNothingLost(report, [.. results.Select(result => result.Release!).Distinct()]);
        Guarantees.AssertAllMoved(results, traffic);
        Assert.Equal(2, report.Releases.Count);
        Assert.True(report.Requests >= RequestsMin, $"only {report.Requests} requests: no proof");
    }
}
