// Programs that Midstream gets nothing into: they find their listener by LISTEN_FDS, are ready by their own word or by an
// answer, and stop by a signal. What is promised for them is less, and this is all of it: no new connection is refused, and what
// they answer is whole. What a program has taken from the queue when it is told to stop is its own.

using System.Globalization;
using Midstream.Prove;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Programs;

public sealed class ForeignProgramsTests(ITestOutputHelper output)
{
    private const int Deployments = 3;
    private const int RequestsMin = 100;

    private static readonly Dictionary<ClientKind, int> s_newConnections = new() { [ClientKind.NewConnection] = 4 };

    // .NET's UseSystemd says READY=1 only to a parent that is called systemd: elsewhere an answer has to tell.
    private const string NotInjected = """ "inject": false, "ready": { "http": "/" } """;

    // Kestrel's own stop closes a connection whose first request it has not read yet, as it does without Midstream; what is
    // injected waits for it. The request is on its way then or it is not: at most one of each client at each stop.
    [Fact]
    public async Task Deploy_AProgramForSystemd_RefusesNoNewConnection()
    {
        var report = await ProveAsync(Repository.Published("tests/TestApps/SystemdWeb"), NotInjected);

        Assert.Equal(0, report.Wrong);
        Assert.True(report.Lost == report.Outcomes.LostNoResponse, report.ToJson());
        Assert.InRange(report.Lost, 0, Deployments * s_newConnections[ClientKind.NewConnection]);
    }

    [Fact]
    public Task Deploy_ANodeProgram_LosesNoNewConnection() => AssertNothingLostAsync(
        Path.Combine(Repository.Root, "tests", "TestApps", "node"),
        """ "command": ["node", "node-server.js"], "ready": { "http": "/" } """);

    [Fact]
    public Task Deploy_AGunicornProgram_LosesNoNewConnection() => AssertNothingLostAsync(
        Path.Combine(Repository.Root, "tests", "TestApps", "gunicorn"),
        """ "command": ["gunicorn", "--workers", "2", "wsgi:app"] """);

    // The control of every test that finds no connection closed: without the hand-over the same traffic shows closes.
    [Fact]
    public async Task Deploy_AProgramWithoutHandOver_ClosesKeptConnectionsAndTheTrafficShowsIt()
    {
        using var folder = new TemporaryFolder();
        var program = Repository.Published("tests/TestApps/SystemdWeb");
        await using var service = await MidstreamService.StartAsync(
            folder, program, $$"""{ "probation": { "duration_ms": 0 }, {{NotInjected}} }""");
        var clients = new Dictionary<ClientKind, int> { [ClientKind.Busy] = 4, [ClientKind.Thinking] = 20 };
        await using var traffic = await ProvedTraffic.StartAsync(service.Url.ToString(), clients);

        await service.DeployWellAsync(program);
        var report = await traffic.EndAsync();

        Assert.False(report.ConnectionsSurvived, report.ToJson());
        Assert.Equal(0, report.Connections.Survived);
    }

    private async Task AssertNothingLostAsync(string published, string options)
    {
        var report = await ProveAsync(published, options);
        Assert.True(report.NothingLost, report.ToJson());
    }

    private async Task<ProveReport> ProveAsync(string published, string options)
    {
        using var folder = new TemporaryFolder();
        string[] releases = [folder.MakeRelease(published, "a"), folder.MakeRelease(published, "b")];
        await using var service = await MidstreamService.StartAsync(
            folder, releases[0], $$"""{ "probation": { "duration_ms": 50 }, {{options}} }""");
        var before = await service.StatusAsync();
        await using var traffic = await ProvedTraffic.StartAsync(
            service.Url.ToString(), s_newConnections, "--expect-status", "200");

        var pid = before.Workers[0].Pid;
        for (var number = 1; number <= Deployments; number++)
            pid = await ReplaceAsync(service, releases[number % 2], pid);
        var report = await traffic.EndAsync();

        output.WriteLine($"{report.Requests} requests, {report.Lost} lost");
        Assert.True(report.Requests >= RequestsMin, $"only {report.Requests} requests: no proof");
        return report;
    }

    private static async Task<int> ReplaceAsync(MidstreamService service, string release, int oldPid)
    {
        var result = await service.DeployWellAsync(release);
        var status = await service.StatusAsync();

        var serving = Assert.Single(status.Workers);
        Assert.Equal((result.Release, result.Generation), (serving.Release, serving.Generation));
        Assert.NotEqual(oldPid, serving.Pid);
        Assert.False(Processes.IsAlive(oldPid));
        await using var connection = await RawConnection.ConnectAsync(service.Url);
        var answer = await connection.AskAsync("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        var answering = int.Parse(answer.Body, CultureInfo.InvariantCulture);
        // Gunicorn answers by a child of the process that was started.
        Assert.Contains(serving.Pid, (int[])[answering, Processes.Parent(answering)]);
        return serving.Pid;
    }
}
