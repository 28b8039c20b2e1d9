using Midstream.Prove.Tests.Server;

namespace Midstream.Prove.Tests;

// The prover against servers that behave as told: what the server did and what the prover says must be the same numbers.
public sealed class OracleTests
{
    private const int Requests = 60;
    private const int EachNth = 5;
    private const int Faults = Requests / EachNth;

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

        var report = await Oracle.RunAsync(options);

        Assert.Equal([], report.Failures);
        Assert.True(report.NothingLost);
        Assert.True(report.ConnectionsSurvived);
        Assert.Equal(report.Requests, report.Outcomes.Answered);
        Assert.Equal(server.Seen.Count, report.Outcomes.Answered);
        Assert.Equal(report.Requests, server.Seen.Select(seen => seen.Id).Distinct().Count());
        Assert.All(report.Kinds, kind => Assert.NotEqual(0, kind.Outcomes.Answered));
        Assert.Equal(ClientKinds.All, report.Kinds.Select(kind => kind.Kind));
    }

    // Every fifth request is failed in one way; each must end as the outcome that names this way, and as no other.
    [Theory]
    [InlineData(Fault.ResetAfterRequest, RequestOutcome.LostNoResponse)]
    [InlineData(Fault.FinAfterRequest, RequestOutcome.LostNoResponse)]
    [InlineData(Fault.TruncatedLengthBody, RequestOutcome.LostTruncated)]
    [InlineData(Fault.TruncatedChunkedBody, RequestOutcome.LostTruncated)]
    [InlineData(Fault.ResetInBody, RequestOutcome.LostTruncated)]
    [InlineData(Fault.StallBeforeResponse, RequestOutcome.LostTimeout)]
    [InlineData(Fault.StallInBody, RequestOutcome.LostTimeout)]
    [InlineData(Fault.WrongId, RequestOutcome.WrongId)]
    [InlineData(Fault.WrongStatus, RequestOutcome.WrongStatus)]
    [InlineData(Fault.WrongBody, RequestOutcome.WrongBody)]
    [InlineData(Fault.NotHttp, RequestOutcome.Malformed)]
    [InlineData(Fault.SurplusBytes, RequestOutcome.Malformed)]
    public async Task Run_EachFifthRequestFailed_CountsExactlyThose(Fault fault, RequestOutcome outcome)
    {
        foreach (var kind in new[] { ClientKind.Busy, ClientKind.NewConnection, ClientKind.SlowHead, ClientKind.UploadChunked })
        {
            // The bodies of uploads are not looked at.
            if (fault == Fault.WrongBody && kind == ClientKind.UploadChunked)
                continue;
            await using var server = new FaultyServer(seen => seen.Ordinal % EachNth == 0 ? fault : Fault.None);

            var report = await Oracle.RunAsync(Oracle.Options(server, kind, clients: 4, Requests) with
            {
                ExpectBody = FaultyServer.Body,
                RequestTimeout = IsStall(fault) ? TimeSpan.FromMilliseconds(300) : TimeSpan.FromSeconds(10),
            });

            Assert.Equal(Faults, server.Did(fault));
            Oracle.AssertOutcomes(report, (RequestOutcome.Answered, Requests - Faults), (outcome, Faults));
            Assert.Equal(Requests, server.Seen.Count);
            Assert.All(report.Failures, failure => Assert.Equal(outcome, failure.Outcome));
            Assert.All(report.Failures, failure => Assert.Contains(server.Seen, seen => seen.Id == failure.Request));
            Assert.Equal(Faults, report.Failures.Count);
            Assert.False(report.NothingLost);
        }
    }

    [Theory]
    [InlineData(Fault.FinAfterResponse)]
    [InlineData(Fault.ResetAfterResponse)]
    public async Task Run_IdleConnectionEnded_IsAnUnannouncedCloseAndNothingLost(Fault fault)
    {
        // The pause must be longer than a busy machine keeps the server from closing.
        const int requests = 30;
        await using var server = new FaultyServer(seen => seen.Ordinal % EachNth == 0 ? fault : Fault.None);

        var report = await Oracle.RunAsync(Oracle.Options(server, ClientKind.Thinking, clients: 1, requests) with
        {
            ThinkTimes = Oracle.AlwaysThink(TimeSpan.FromMilliseconds(200)),
        });

        // A close behind the last request is found at the end of the run, when there is no request left not to send.
        Assert.Equal(server.Did(fault), report.Connections.UnannouncedCloses);
        Assert.InRange(report.Outcomes.NotSent, server.Did(fault) - 1, server.Did(fault));
        Oracle.AssertOutcomes(
            report,
            (RequestOutcome.Answered, requests - report.Outcomes.NotSent),
            (RequestOutcome.NotSent, report.Outcomes.NotSent));
        Assert.Equal(server.Seen.Count, report.Outcomes.Answered);
        Assert.Equal(0, report.Connections.AnnouncedCloses);
        Assert.Equal(0, report.Connections.Survived);
        Assert.True(report.NothingLost);
        Assert.False(report.ConnectionsSurvived);
    }

    [Fact]
    public async Task Run_ConnectionClosedWithNotice_IsAnAnnouncedCloseAndNothingLost()
    {
        await using var server = new FaultyServer(seen => seen.Ordinal % EachNth == 0 ? Fault.AnnouncedClose : Fault.None);

        var report = await Oracle.RunAsync(Oracle.Options(server, ClientKind.Busy, clients: 4, Requests));

        Oracle.AssertOutcomes(report, (RequestOutcome.Answered, Requests));
        Assert.Equal(Faults, report.Connections.AnnouncedCloses);
        Assert.Equal(0, report.Connections.UnannouncedCloses);
        Assert.True(report.NothingLost);
        Assert.False(report.ConnectionsSurvived);
    }

    [Fact]
    public async Task Run_BytesOnAnIdleConnection_AreUnsolicitedAndNotClean()
    {
        await using var server = new FaultyServer(seen => seen.Ordinal == 3 ? Fault.BytesWhileIdle : Fault.None);

        var report = await Oracle.RunAsync(Oracle.Options(server, ClientKind.Thinking, clients: 1, requests: 10) with
        {
            ThinkTimes = Oracle.AlwaysThink(TimeSpan.FromMilliseconds(60)),
        });

        Oracle.AssertOutcomes(report, (RequestOutcome.Answered, 9), (RequestOutcome.NotSent, 1));
        Assert.Equal(1, report.Connections.Unsolicited);
        Assert.False(report.NothingLost);
    }

    // The server stops after the first, second or third of four requests that it has before it.
    [Theory]
    [InlineData(Fault.FinAfterRequest, 0, RequestOutcome.LostNoResponse)]
    [InlineData(Fault.FinAfterRequest, 1, RequestOutcome.LostUnanswered)]
    [InlineData(Fault.FinAfterResponse, 1, RequestOutcome.Answered)]
    [InlineData(Fault.AnnouncedClose, 1, RequestOutcome.Answered)]
    [InlineData(Fault.ResetAfterRequest, 2, RequestOutcome.LostUnanswered)]
    [InlineData(Fault.TruncatedLengthBody, 2, RequestOutcome.LostTruncated)]
    [InlineData(Fault.NotHttp, 1, RequestOutcome.Malformed)]
    public async Task Run_PipelineCutBetweenResponses_CountsFollowersAsUnanswered(
        Fault fault, int position, RequestOutcome outcome)
    {
        const int batches = 10;
        await using var server = new FaultyServer(seen => seen.OnConnection == position + 1 ? fault : Fault.None);

        var report = await Oracle.RunAsync(Oracle.Options(server, ClientKind.Pipelined, clients: 2, requests: 4 * batches));

        Assert.Equal(batches, server.Did(fault));
        var expected = new Dictionary<RequestOutcome, long>
        {
            [RequestOutcome.Answered] = position * batches,
            [RequestOutcome.LostUnanswered] = (4 - position - 1) * batches,
        };
        expected[outcome] = expected.GetValueOrDefault(outcome) + batches;
        Oracle.AssertOutcomes(report, [.. expected.Select(e => (e.Key, e.Value))]);
    }

    [Fact]
    public async Task Run_ServerStopsListening_CountsTheRestAsConnectFailed()
    {
        await using var server = new FaultyServer(seen => seen.Ordinal == 10 ? Fault.StopListening : Fault.None);

        var report = await Oracle.RunAsync(Oracle.Options(server, ClientKind.NewConnection, clients: 1, requests: 15));

        Oracle.AssertOutcomes(report, (RequestOutcome.Answered, 10), (RequestOutcome.LostConnectFailed, 5));
        Assert.Equal(10, report.Connections.Opened);
        Assert.All(report.Failures, failure => Assert.Equal("connect failed: ConnectionRefused", failure.What));
    }

    // The difference between the two is the swap's fault or not: this connection was opened for a request that then got no
    // answer.
    [Fact]
    public async Task Run_NewConnectionEndedUnanswered_IsLostAndNotMerelyNotSent()
    {
        await using var server = new FaultyServer { ClosesConnections = accepted => accepted % 2 == 0 };

        var report = await Oracle.RunAsync(Oracle.Options(server, ClientKind.NewConnection, clients: 1, requests: 20));

        // The knock at the beginning is the first connection, so the first request meets a closed one.
        Oracle.AssertOutcomes(report, (RequestOutcome.Answered, 10), (RequestOutcome.LostNoResponse, 10));
    }

    [Fact]
    public async Task Run_OverAUnixSocket_AnswersEveryRequest()
    {
        var folder = Directory.CreateTempSubdirectory("prove-");
        try
        {
            await using var server = new FaultyServer(endPoint: new System.Net.Sockets.UnixDomainSocketEndPoint(
                Path.Combine(folder.FullName, "s")));

            var report = await Oracle.RunAsync(Oracle.Options(server, ClientKind.Pipelined, clients: 2, requests: 80));

            Oracle.AssertOutcomes(report, (RequestOutcome.Answered, 80));
            Assert.Equal(80, server.Seen.Count);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Run_Uploads_ReachTheServerWhole()
    {
        await using var server = new FaultyServer();
        var options = Oracle.Options(server, ClientKind.Upload, clients: 2, requests: 12) with
        {
            Clients = new Dictionary<ClientKind, int> { [ClientKind.Upload] = 2, [ClientKind.UploadChunked] = 2 },
            UploadBytes = 100_003,
        };

        var report = await Oracle.RunAsync(options);

        Oracle.AssertOutcomes(report, (RequestOutcome.Answered, 12));
        Assert.All(server.Seen, seen => Assert.Equal(("POST", "/up", 100_003), (seen.Method, seen.Path, seen.BodyBytes)));
    }

    [Fact]
    public async Task Run_AppThatEchoesNoId_IsTolerated()
    {
        await using var server = new FaultyServer { EchoesId = false };

        var report = await Oracle.RunAsync(Oracle.Options(server, ClientKind.Busy, clients: 2, requests: 20));

        Oracle.AssertOutcomes(report, (RequestOutcome.Answered, 20));
    }

    private static bool IsStall(Fault fault) => fault is Fault.StallBeforeResponse or Fault.StallInBody;
}
