using Midstream.Prove.Tests.Server;

namespace Midstream.Prove.Tests;

// The prover against servers that behave as told: what the server did and what the prover says must be the same numbers.
public sealed class OracleTests
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Run_AgainstACorrectServer_AnswersEveryRequestOfEveryKind()
    {
        await using var server = new FaultyServer();
        var options = new ProveOptions
        {
            Url = server.Url,
            Duration = TimeSpan.FromSeconds(2),
            UploadPath = "/up",
            DownloadPath = "/down",
            PiecePause = PauseRange.Milliseconds(1, 5),
            ExpectStatus = 200,
            ExpectBody = FaultyServer.Body,
        };

        var report = await ProveRun.RunAsync(options).WaitAsync(s_bound);

        Assert.Equal([], report.Failures);
        Assert.True(report.NothingLost);
        Assert.True(report.ConnectionsSurvived);
        Assert.Equal(report.Requests, report.Outcomes.Answered);
        Assert.Equal(server.Seen.Count, report.Outcomes.Answered);
        Assert.Equal(report.Requests, server.Seen.Select(seen => seen.Id).Distinct().Count());
        Assert.All(report.Kinds, kind => Assert.NotEqual(0, kind.Outcomes.Answered));
        Assert.Equal(ClientKinds.All, report.Kinds.Select(kind => kind.Kind));
    }
}
