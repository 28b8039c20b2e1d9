// What is promised to the clients of a service that hands its connections over, as assertions on the account of a run.

using Midstream.Control.Operators;
using Midstream.Prove;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

internal static class Guarantees
{
    // They leave most of two processors to what is replaced: without them the clients take what there is, and what is tested
    // takes twice the time.
    private static readonly string[] s_pauses = ["--think", "busy=0-40ms", "new=0-40ms"];

    // Every way in which HTTP/1.1 clients use a connection.
    private static readonly Dictionary<ClientKind, int> s_allKinds = new()
    {
        [ClientKind.Busy] = 24,
        [ClientKind.Thinking] = 40,
        [ClientKind.NewConnection] = 4,
        [ClientKind.Upload] = 4,
        [ClientKind.UploadChunked] = 4,
        [ClientKind.Download] = 4,
        [ClientKind.Pipelined] = 4,
        [ClientKind.SlowHead] = 4,
    };

    /// <summary>Starts traffic of all kinds.</summary>
    /// <param name="url">Where an Echo listens.</param>
    public static Task<ProvedTraffic> StartTrafficAsync(Uri url) => ProvedTraffic.StartAsync(
        url.ToString(), s_allKinds,
        ["--upload-path", "/upload", "--download-path", "/stream?chunks=20&delayMs=50", .. s_pauses]);

    /// <summary>Starts traffic of all kinds but uploads and downloads, which need endpoints of their own.</summary>
    /// <param name="url">Where an application listens.</param>
    /// <param name="options">More options of `midstream prove`.</param>
    public static Task<ProvedTraffic> StartPlainTrafficAsync(Uri url, params string[] options) => ProvedTraffic.StartAsync(
        url.ToString(),
        s_allKinds.Where(kind => kind.Key is not (ClientKind.Upload or ClientKind.UploadChunked or ClientKind.Download))
            .ToDictionary(),
        [.. options, .. s_pauses]);

    /// <summary>No request is lost or wrong, no connection closed, and only the releases deployed have answered.</summary>
    public static void AssertNothingLost(ProveReport report, IReadOnlyCollection<string> releases)
    {
        var account = report.ToJson();
        Assert.True(report.NothingLost, account);
        Assert.True(report.Connections.UnannouncedCloses == 0, account);
        Assert.True(report.Connections.AnnouncedCloses == 0, account);
        Assert.Equal(report.Connections.OpenedAtBeginning, report.Connections.Survived);
        Assert.Equal(0, report.UnnamedAnswers);
        Assert.All(report.Releases, release => Assert.Contains(release.Name, releases));
    }

    /// <summary>Every kept connection has moved in every deployment, and nothing else but connections just opened.</summary>
    public static void AssertAllMoved(IEnumerable<ResultEvent> deployments, ProvedTraffic traffic) =>
        Assert.All(deployments, deployment =>
        {
            var connections = deployment.Connections;
            Assert.NotNull(connections);
            // A connection that was just accepted, of a client that opens one for each request, may be among them.
            Assert.InRange(connections.Moved, traffic.KeptConnections, traffic.KeptConnections + traffic.NewConnectionClients);
            Assert.Equal(0, connections.Announced);
            Assert.Equal(0, connections.ClosedAtDeadline);
        });
}
