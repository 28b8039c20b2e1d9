using System.Net;
using System.Net.Sockets;
using Midstream.Prove.Tests.Server;

namespace Midstream.Prove.Tests;

// How a run begins, what ends it, and that its own end loses nothing.
public sealed class RunLifecycleTests
{
    [Fact]
    public async Task Run_RequestUnderWayAtTheEnd_IsFinishedAndNotLost()
    {
        await using var server = new FaultyServer { BodyChunks = 20_000 };
        var options = Oracle.Options(server, ClientKind.Download, clients: 2, requests: long.MaxValue) with
        {
            Duration = TimeSpan.FromMilliseconds(150),
            PiecePause = PauseRange.Milliseconds(30, 30),
        };

        var report = await Oracle.RunAsync(options);

        // Some twenty pieces at 30 ms each: the only download of each client lasts beyond the run's duration.
        Oracle.AssertOutcomes(report, (RequestOutcome.Answered, 2));
        Assert.InRange(report.DurationMs, 300, 30_000);
        Assert.False(report.EndedEarly);
    }

    [Fact]
    public async Task Run_Cancelled_FinishesInOrderAndReportsWhatWas()
    {
        await using var server = new FaultyServer();
        using var end = new CancellationTokenSource();
        var firstAnswers = new OnSnapshot(snapshot => snapshot.Answered > 0, end.Cancel);

        var report = await Oracle.RunAsync(
            Oracle.Options(server, ClientKind.Thinking, clients: 4, requests: long.MaxValue) with
            {
                Duration = TimeSpan.FromHours(1),
                ThinkTimes = Oracle.AlwaysThink(TimeSpan.FromMilliseconds(50)),
            },
            firstAnswers, end: end.Token);

        Assert.True(report.EndedEarly);
        Oracle.AssertOutcomes(report, (RequestOutcome.Answered, server.Seen.Count));
        Assert.Equal(4, report.Connections.Survived);
        Assert.True(report.ConnectionsSurvived);
    }

    [Fact]
    public async Task Run_StoppedWhileClientsThink_DoesNotWaitForThem()
    {
        await using var server = new FaultyServer();

        var report = await Oracle.RunAsync(Oracle.Options(server, ClientKind.Thinking, clients: 50, requests: long.MaxValue) with
        {
            Duration = TimeSpan.FromMilliseconds(200),
            ThinkTimes = Oracle.AlwaysThink(TimeSpan.FromMinutes(30)),
        });

        Assert.Equal(0, report.Requests);
        Assert.Equal(50, report.Connections.Survived);
    }

    [Fact]
    public async Task Run_RequestsUsedUp_DoesNotWaitForThoseWhoThink()
    {
        await using var server = new FaultyServer();

        var report = await Oracle.RunAsync(Oracle.Options(server, ClientKind.Busy, clients: 1, requests: 20) with
        {
            Clients = new Dictionary<ClientKind, int> { [ClientKind.Busy] = 1, [ClientKind.Thinking] = 5 },
            ThinkTimes = new Dictionary<ClientKind, PauseRange>
            {
                [ClientKind.Thinking] = new(TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(30)),
            },
        });

        Oracle.AssertOutcomes(report, (RequestOutcome.Answered, 20));
        Assert.False(report.EndedEarly);
        Assert.Equal(6, report.Connections.Survived);
    }

    [Fact]
    public async Task Run_ServerStallsAtTheEnd_EndsWithinOneTimeout()
    {
        await using var server = new FaultyServer(_ => Fault.StallBeforeResponse);

        var report = await Oracle.RunAsync(Oracle.Options(server, ClientKind.Busy, clients: 3, requests: 3) with
        {
            Duration = TimeSpan.FromMilliseconds(100),
            RequestTimeout = TimeSpan.FromSeconds(1),
        });

        Oracle.AssertOutcomes(report, (RequestOutcome.LostTimeout, 3));
        Assert.InRange(report.DurationMs, 1000, 10_000);
    }

    // 4 does not divide 50: the last batch of a pipelining client must be cut short.
    [Theory]
    [InlineData(ClientKind.Pipelined)]
    [InlineData(ClientKind.Busy)]
    public async Task Run_NumberOfRequestsGiven_SendsExactlyThese(ClientKind kind)
    {
        await using var server = new FaultyServer();

        var report = await Oracle.RunAsync(Oracle.Options(server, kind, clients: 3, requests: 50));

        Oracle.AssertOutcomes(report, (RequestOutcome.Answered, 50));
        Assert.Equal(Enumerable.Range(1, 50).Select(i => (long)i), server.Seen.Select(seen => seen.Id).Order());
    }

    [Fact]
    public async Task Run_NothingListening_IsUnreachableAndSendsNothing()
    {
        using var bound = new Socket(SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var url = $"http://127.0.0.1:{((IPEndPoint)bound.LocalEndPoint!).Port}";

        var error = await Assert.ThrowsAsync<TargetUnreachableException>(() => Oracle.RunAsync(new ProveOptions { Url = url }));

        Assert.Contains("127.0.0.1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://192.0.2.1:80")]
    [InlineData("http://0.0.0.0:80")]
    [InlineData("http://[2001:db8::1]:80")]
    public async Task Run_RemoteTargetWithoutLeave_IsRefused(string url) =>
        await Assert.ThrowsAsync<ProveOptionsException>(() => Oracle.RunAsync(new ProveOptions { Url = url }));

    [Fact]
    public void Validate_ManyMistakes_NamesThemAll()
    {
        var errors = ProveOptionsValidator.Validate(new ProveOptions
        {
            Url = "https://127.0.0.1",
            Path = "no-slash",
            Clients = new Dictionary<ClientKind, int> { [ClientKind.Upload] = 1, [ClientKind.Download] = 20_000 },
            Duration = TimeSpan.FromHours(25),
            RequestTimeout = TimeSpan.Zero,
            RequestsMax = 0,
            ExpectStatus = 99,
            ReleaseHeader = "a b",
        });

        Assert.Equal(10, errors.Count);
    }

    [Theory]
    [InlineData("/a b")]
    [InlineData("/a\r\nX: y")]
    [InlineData("/ü")]
    [InlineData("")]
    public void Validate_PathThatWouldBreakTheRequest_IsRefused(string path) =>
        Assert.Single(ProveOptionsValidator.Validate(new ProveOptions { Url = "http://127.0.0.1:1", Path = path }));

    private sealed class OnSnapshot(Func<ProveSnapshot, bool> when, Action then) : IProgress<ProveSnapshot>
    {
        public void Report(ProveSnapshot value)
        {
            if (when(value))
                then();
        }
    }
}
