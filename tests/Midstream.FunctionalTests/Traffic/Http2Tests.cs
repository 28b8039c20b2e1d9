// HTTP/2 in the clear: a connection's state cannot move, so its end is announced by GOAWAY, and no request may notice.

using System.Net;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

public sealed class Http2Tests(ITestOutputHelper output)
{
    private const int Deployments = 5;
    private const int ClientsPerMethod = 6;
    private const string Http2Only = """
        { "probation": { "duration_ms": 50 }, "environment": { "Kestrel__EndpointDefaults__Protocols": "Http2" } }
        """;

    [Fact]
    public async Task Deploy_FiveTimesUnderHttp2Requests_FailsNoneOfThem()
    {
        using var folder = new TemporaryFolder();
        var echo = Repository.Published("tests/TestApps/Echo");
        await using var service = await MidstreamService.StartAsync(folder, echo, Http2Only);
        using var http = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = true });
        http.BaseAddress = service.Url;
        using var enough = new CancellationTokenSource();
        var clients = Enumerable.Range(0, ClientsPerMethod).SelectMany(_ => (Task<int>[])
        [
            SendAsync(http, HttpMethod.Get, "/", enough.Token),
            SendAsync(http, HttpMethod.Post, "/upload", enough.Token),
        ]).ToArray();

        for (var number = 1; number <= Deployments; number++)
        {
            var result = await service.DeployWellAsync(echo);
            Assert.InRange(result.Connections!.Announced, 1, 2 * ClientsPerMethod);
            Assert.Equal((0, 0), (result.Connections.Moved, result.Connections.ClosedAtDeadline));
        }

        await enough.CancelAsync();
        var answered = await Task.WhenAll(clients);
        output.WriteLine($"{answered.Sum()} requests by HTTP/2");
        Assert.All(answered, count => Assert.True(count > Deployments));
    }

    // One request after another, without any retry of our own; the first that fails ends the test.
    private static async Task<int> SendAsync(HttpClient http, HttpMethod method, string path, CancellationToken enough)
    {
        var count = 0;
        for (; !enough.IsCancellationRequested; count++)
        {
            using var request = new HttpRequestMessage(method, path)
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            if (method == HttpMethod.Post)
                request.Content = new ByteArrayContent(new byte[1000]);
            using var response = await http.SendAsync(request, CancellationToken.None);
            response.EnsureSuccessStatusCode();
            var body = await response.Content.ReadAsStringAsync(CancellationToken.None);
            Assert.Contains("\"pid\":", body, StringComparison.Ordinal);
        }

        return count;
    }
}
