// GET /metrics over real sockets: what is answered, to whom, and that nobody can hold it up.

using System.Net;
using System.Net.Sockets;
using System.Text;
using Midstream.Core.Configuration;
using Midstream.Supervisor.Metrics;

namespace Midstream.Supervisor.Tests.Metrics;

public sealed class MetricsEndpointTests : IAsyncLifetime
{
    private readonly RecordingObserver _observer = new();
    private readonly HttpClient _http = new() { Timeout = Scene.Patience };
    private MetricsEndpoint _endpoint = null!;
    private Func<MetricsSnapshot> _read = static () => Snapshots.Shop;

    private Uri Url => new($"{_endpoint.Urls[0]}/metrics");

    public ValueTask InitializeAsync()
    {
        _endpoint = MetricsEndpoint.Start([Loopback(0)], () => _read(), _observer)!;
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _endpoint.DisposeAsync();
        _http.Dispose();
    }

    [Fact]
    public void Start_WithoutAnAddress_StartsNothing() =>
        Assert.Null(MetricsEndpoint.Start([], static () => throw new InvalidOperationException("Asked."), _observer));

    [Fact]
    public async Task Get_ByAPlainClient_AnswersThePlainFormat()
    {
        using var answer = await _http.GetAsync(Url);

        Assert.Equal(PrometheusText.PlainType, answer.Content.Headers.GetValues("Content-Type").Single());
        Assert.Equal(
            PrometheusText.Write(Snapshots.Shop, isOpenMetrics: false), await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Get_ByAClientThatKnowsOpenMetrics_AnswersIt()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url);
        request.Headers.TryAddWithoutValidation(
            "Accept", "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1");
        using var answer = await _http.SendAsync(request);

        Assert.Equal(PrometheusText.OpenMetricsType, answer.Content.Headers.GetValues("Content-Type").Single());
        Assert.EndsWith("# EOF\n", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1", "404 Not Found")]
    [InlineData("GET /metricsx HTTP/1.1", "404 Not Found")]
    [InlineData("POST /metrics HTTP/1.1", "405 Method Not Allowed")]
    [InlineData("GET /metrics?name[]=x HTTP/1.1", "200 OK")]
    [InlineData("GET /metrics HTTP/1.0", "200 OK")]
    [InlineData("GET /metrics HTTP/2.0", "400 Bad Request")]
    [InlineData("GET /metrics", "400 Bad Request")]
    [InlineData("\0\u0001", "400 Bad Request")]
    public async Task Request_OfAnyKind_GetsItsStatus(string line, string status) =>
        Assert.StartsWith($"HTTP/1.1 {status}\r\n", await AskAsync($"{line}\r\nHost: h\r\n\r\n"), StringComparison.Ordinal);

    [Fact]
    public async Task Request_WithAHeadThatNeverEnds_IsRefused() => Assert.StartsWith(
        "HTTP/1.1 431 ", await AskAsync($"GET /metrics HTTP/1.1\r\nX: {new string('x', 20_000)}"), StringComparison.Ordinal);

    [Fact]
    public async Task Request_InSinglePieces_IsAnswered()
    {
        using var client = await ConnectAsync();
        foreach (var letter in "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n")
            await client.SendAsync(new[] { (byte)letter });

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await ReadToEndAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_ThatSayNothing_GiveTheirPlacesBack()
    {
        var silent = new List<Socket>();
        for (var i = 0; i < 20; i++)
            silent.Add(await ConnectAsync());

        using var answer = await _http.GetAsync(Url);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        silent.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Get_WhenTheServiceCannotBeRead_FailsAloneAndIsReported()
    {
        _read = static () => throw new InvalidOperationException("Broken.");
        Assert.Equal("", await AskAsync("GET /metrics HTTP/1.1\r\n\r\n"));
        await Waiting.UntilAsync(() => _observer.Events.Any(what => what.Name == "MetricsFailed"));

        _read = static () => Snapshots.Shop;
        using var answer = await _http.GetAsync(Url);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public void Start_OnATakenAddress_SaysWhichOptionToChange()
    {
        var error = Assert.Throws<SupervisorException>(
            () => MetricsEndpoint.Start([Loopback(Url.Port)], _read, _observer));

        Assert.Equal(SupervisorFailure.CannotListen, error.Failure);
        Assert.Contains("metrics.listen", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnixSocket_WhileTheEndpointLives_AnswersAndIsRemovedAfterwards()
    {
        await using var scene = new Scene();
        var path = scene.In("metrics.sock");
        var address = new ListenSocket { Name = "metrics", Scheme = "http", UnixPath = path };
        await using (MetricsEndpoint.Start([address], _read, _observer)!)
        {
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await client.ConnectAsync(new UnixDomainSocketEndPoint(path));
            await client.SendAsync("GET /metrics HTTP/1.1\r\n\r\n"u8.ToArray());

            Assert.StartsWith("HTTP/1.1 200 OK\r\n", await ReadToEndAsync(client), StringComparison.Ordinal);
        }

        Assert.False(File.Exists(path));
    }

    private static ListenSocket Loopback(int port) =>
        new() { Name = "metrics", Scheme = "http", EndPoint = new IPEndPoint(IPAddress.Loopback, port) };

    private async Task<Socket> ConnectAsync()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, Url.Port);
        return client;
    }

    private async Task<string> AskAsync(string text)
    {
        using var client = await ConnectAsync();
        await client.SendAsync(Encoding.Latin1.GetBytes(text));
        return await ReadToEndAsync(client);
    }

    private static async Task<string> ReadToEndAsync(Socket client)
    {
        using var patience = new CancellationTokenSource(Scene.Patience);
        var text = new StringBuilder();
        var buffer = new byte[4096];
        int count;
        while ((count = await client.ReceiveAsync(buffer, SocketFlags.None, patience.Token)) > 0)
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        return text.ToString();
    }
}
