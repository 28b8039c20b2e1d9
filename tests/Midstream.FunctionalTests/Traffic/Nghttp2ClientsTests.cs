// nghttp2's own clients through ten deployments. They open all the streams they have at once, and open no other connection: what
// is refused or cut, they count as failed.

using System.Text.RegularExpressions;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

public sealed partial class Nghttp2ClientsTests(ITestOutputHelper output)
{
    private const int Deployments = 10;
    private const int Connections = 8;
    private const int Streams = 50;
    private const string QuickProbation = """{ "probation": { "duration_ms": 0 } }""";
    private const string Http2Only = """
        { "probation": { "duration_ms": 0 }, "environment": { "Kestrel__EndpointDefaults__Protocols": "Http2" } }
        """;

    [Fact]
    public async Task Deploy_UnderNghttp_AnswersEveryStreamOfEachConnection()
    {
        using var folder = new TemporaryFolder();
        await using var service = await StartAsync(folder, Http2Only);
        string[] urls = [.. Enumerable.Range(0, Streams).Select(number => Slow(service, 100 + number))];

        var runs = await RepeatWhileDeployingAsync(service, "nghttp", ["--no-verify-peer", .. urls], static answers =>
            Assert.Equal(Streams, answers.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));

        output.WriteLine($"{runs} connections with {Streams} streams each");
    }

    [Fact]
    public async Task Deploy_UnderH2load_AnswersEveryStreamOfEachConnection()
    {
        using var folder = new TemporaryFolder();
        await using var service = await StartAsync(folder, Http2Only);
        string[] options =
            ["-n", $"{Connections * Streams}", "-c", $"{Connections}", "-m", $"{Streams}", Slow(service, 100)];

        var runs = await RepeatWhileDeployingAsync(
            service, "h2load", options, static ended => AssertAllSucceeded(ended, Connections * Streams));

        output.WriteLine($"{runs} runs with {Connections} connections and {Connections * Streams} streams each");
    }

    [Fact]
    public async Task Deploy_UnderH2loadWithHttp1_IsNeverNoticed()
    {
        const int Requests = Connections * 3000;
        using var folder = new TemporaryFolder();
        await using var service = await StartAsync(folder, QuickProbation);
        await using var h2load = RunningProgram.Start(
            "h2load", ["--h1", "-n", $"{Requests}", "-c", $"{Connections}", Slow(service, 5)]);

        for (var number = 1; number <= Deployments; number++)
        {
            var result = await service.DeployWellAsync(Repository.Published("tests/TestApps/Echo"));
            if (!h2load.HasExited)
                Assert.Equal((0, 0), (result.Connections!.Announced, result.Connections.ClosedAtDeadline));
        }

        // It opens no connection a second time: every one has been kept to the end.
        AssertAllSucceeded(await h2load.WaitAsync(), Requests);
    }

    private static Task<MidstreamService> StartAsync(TemporaryFolder folder, string configuration) =>
        MidstreamService.StartAsync(folder, Repository.Published("tests/TestApps/Echo"), configuration);

    private static string Slow(MidstreamService service, int ms) => new Uri(service.Url, $"/slow?ms={ms}").ToString();

    /// <summary>Runs a client again and again while the service is deployed, and returns how often.</summary>
    private static async Task<int> RepeatWhileDeployingAsync(
        MidstreamService service, string program, string[] options, Action<ProgramResult> assert)
    {
        using var enough = new CancellationTokenSource();
        var running = RepeatAsync();
        for (var number = 1; number <= Deployments; number++)
            await service.DeployWellAsync(Repository.Published("tests/TestApps/Echo"));
        await enough.CancelAsync();
        return await running;

        async Task<int> RepeatAsync()
        {
            var runs = 0;
            for (; !enough.IsCancellationRequested; runs++)
            {
                await using var client = RunningProgram.Start(program, options);
                var ended = await client.WaitAsync();
                Assert.True(ended.ExitCode == 0, $"{ended}");
                assert(ended);
            }

            return runs;
        }
    }

    private static void AssertAllSucceeded(ProgramResult ended, int requests)
    {
        Assert.Equal(0, ended.ExitCode);
        var counts = Counts().Match(ended.Output);
        Assert.True(counts.Success, $"{ended}");
        Assert.True(counts.Groups["succeeded"].Value == $"{requests}" && counts.Groups["bad"].Value == "0", $"{ended}");
    }

    [GeneratedRegex(@"requests: .* (?<succeeded>\d+) succeeded, (?<bad>\d+) failed")]
    private static partial Regex Counts();
}
