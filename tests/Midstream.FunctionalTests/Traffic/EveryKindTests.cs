// Every kind of traffic at the same time: HTTP/1.1, WebSockets that move, and gRPC on HTTP/2 in the clear, each with a service of
// its own, all replaced at once. MIDSTREAM_TEST_DEPLOYMENTS sets how often, and MIDSTREAM_TEST_REQUESTS how many requests are
// enough of a proof.

using System.Globalization;
using Midstream.Control.Operators;
using Midstream.Control.Workers;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

public sealed class EveryKindTests(ITestOutputHelper output)
{
    private const int Conversations = 10;
    private const int LongestMs = 20 * 60 * 1000;
    private const string Quick = """{ "probation": { "duration_ms": 0 } }""";
    private const string Http2Only = """
        { "probation": { "duration_ms": 0 }, "environment": { "Kestrel__EndpointDefaults__Protocols": "Http2" } }
        """;

    private static readonly int s_deployments = Number("MIDSTREAM_TEST_DEPLOYMENTS", 5);
    private static readonly int s_requestsMin = Number("MIDSTREAM_TEST_REQUESTS", 1000);

    [Fact(Timeout = LongestMs)]
    public async Task Deploy_UnderEveryKindAtOnce_LosesNothingAndReportsWhatTheClientsHaveSeen()
    {
        using var folders = new Folders();
        await using var plain = await StartAsync(folders.Next(), "Echo", Quick);
        await using var moving = await StartAsync(folders.Next(), "Movable", Quick);
        await using var calling = await StartAsync(folders.Next(), "Rpc", Http2Only);
        var called = new Http2Connections();
        using var channel = GrpcTests.Connect(calling.Url, called);
        using var enough = new CancellationTokenSource();
        await using var traffic = await Guarantees.StartTrafficAsync(plain.Url);
        var conversations = Enumerable.Range(0, Conversations)
            .Select(number => MovedWebSocketTests.ConverseAsync(moving.Url, number % 2 * 20_000, enough.Token)).ToArray();
        var calls = GrpcTests.Begin(channel.CreateCallInvoker(), enough.Token);

        var deployed = new List<ResultEvent>();
        var told = 0L;
        for (var number = 1; number <= s_deployments; number++)
        {
            var results = await Task.WhenAll(
                DeployAsync(plain, "Echo"), DeployAsync(moving, "Movable"), DeployAsync(calling, "Rpc"));
            deployed.Add(results[0]);
            AssertAllHaveMoved(results[1].Connections!);
            told += AllWereTold(results[2].Connections!);
        }

        await enough.CancelAsync();
        var report = await traffic.EndAsync();
        var (seen, answered) = (await Task.WhenAll(conversations), (await Task.WhenAll(calls)).Sum());

        output.WriteLine(
            $"{report.Requests} requests and {answered} calls through {s_deployments} deployments of three services");
        Guarantees.AssertNothingLost(report, [.. deployed.Select(result => result.Release!).Distinct()]);
        Guarantees.AssertAllMoved(deployed, traffic);
        Assert.Equal((called.Told, 0), (told, called.EndedUntold));
        Assert.All(seen, processes => Assert.Equal(s_deployments + 1, processes));
        Assert.True(
            report.Requests + answered >= s_requestsMin, $"only {report.Requests} requests and {answered} calls: no proof");
    }

    private static void AssertAllHaveMoved(DrainReport counts) => Assert.Equal(
        (Conversations, 0, 0, 0, 0),
        (counts.Moved, counts.Announced, counts.HalfClosed, counts.ClosedByPeer, counts.ClosedAtDeadline));

    // HttpClient opens another connection when it has read the GOAWAY; both may be there for a moment.
    private static long AllWereTold(DrainReport counts)
    {
        Assert.True(counts.Announced > 0, $"{counts}");
        Assert.Equal(
            (0, 0, 0, 0), (counts.Moved, counts.HalfClosed, counts.ClosedByPeer, counts.ClosedAtDeadline));
        return counts.Announced;
    }

    private static Task<MidstreamService> StartAsync(TemporaryFolder folder, string app, string configuration) =>
        MidstreamService.StartAsync(folder, Repository.Published($"tests/TestApps/{app}"), configuration);

    private static Task<ResultEvent> DeployAsync(MidstreamService service, string app) =>
        service.DeployWellAsync(Repository.Published($"tests/TestApps/{app}"));

    private static int Number(string variable, int otherwise) =>
        int.Parse(Environment.GetEnvironmentVariable(variable) ?? $"{otherwise}", CultureInfo.InvariantCulture);

    private sealed class Folders : IDisposable
    {
        private readonly List<TemporaryFolder> _all = [];

        public TemporaryFolder Next()
        {
            _all.Add(new TemporaryFolder());
            return _all[^1];
        }

        public void Dispose() => _all.ForEach(static folder => folder.Dispose());
    }
}
