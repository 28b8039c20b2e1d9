// Applications that have never heard of Midstream: what the web templates make, published and deployed as they are.

using Midstream.Control.Operators;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

public sealed class TemplateApplicationTests(ITestOutputHelper output)
{
    private const int Deployments = 10;
    private const int RequestsMin = 2_000;
    private const int LongestMs = 4 * 60 * 1000;
    private const string QuickProbation = """{ "probation": { "duration_ms": 50 } }""";

    [Theory(Timeout = LongestMs)]
    [InlineData("tests/TestApps/TemplateWeb")]
    [InlineData("tests/TestApps/SlimWeb")]
    public async Task Deploy_TenTimesAnApplicationThatKnowsNothing_LosesNothingAndClosesNothing(string project)
    {
        using var folder = new TemporaryFolder();
        var published = Repository.Published(project);
        string[] releases = [folder.MakeRelease(published, "a"), folder.MakeRelease(published, "b")];
        await using var service = await MidstreamService.StartAsync(folder, releases[0], QuickProbation);
        await using var traffic = await Guarantees.StartPlainTrafficAsync(
            service.Url, "--expect-body", "Hello World!");

        var results = new List<ResultEvent>();
        for (var number = 1; number <= Deployments; number++)
            results.Add(await service.DeployWellAsync(releases[number % 2]));
        var report = await traffic.EndAsync();

        output.WriteLine($"{report.Requests} requests, {results.Sum(result => result.Connections?.Moved)} connections moved");
        Guarantees.AssertNothingLost(report, [.. results.Select(result => result.Release!).Distinct()]);
        Guarantees.AssertAllMoved(results, traffic);
        Assert.True(report.Requests >= RequestsMin, $"only {report.Requests} requests: no proof");
    }
}
