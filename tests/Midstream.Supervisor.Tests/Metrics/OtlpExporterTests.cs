// What a collector gets, and which variables ask for it.

using System.Net;
using System.Text.Json;
using Midstream.Supervisor.Metrics;

namespace Midstream.Supervisor.Tests.Metrics;

public class OtlpExporterTests
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private readonly RecordingObserver _observer = new();

    [Fact]
    public void Start_WithoutAnEndpoint_StartsNothing()
    {
        Assert.Null(OtlpExporter.Start(Variables(), static () => throw new InvalidOperationException("Asked."), _observer));
        Assert.Empty(_observer.Events);
    }

    [Theory]
    [InlineData("OTEL_SDK_DISABLED", "true")]
    [InlineData("OTEL_METRICS_EXPORTER", "none")]
    public void Start_WhenSwitchedOff_StartsNothing(string name, string value) => Assert.Null(OtlpExporter.Start(
        Variables((Endpoint, "http://127.0.0.1:4318"), (name, value)), static () => Snapshots.Shop, _observer));

    [Theory]
    [InlineData("http://127.0.0.1:4317", "grpc")]
    [InlineData("127.0.0.1:4318", "http/json")]
    [InlineData("/v1", "http/json")]
    public void Start_WithWhatItCannotDo_SaysSo(string endpoint, string protocol)
    {
        Assert.Null(OtlpExporter.Start(
            Variables((Endpoint, endpoint), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)), static () => Snapshots.Shop, _observer));
        Assert.Equal("MetricsExportFailed", Assert.Single(_observer.Events).Name);
    }

    [Theory]
    [InlineData(Endpoint, "http://c:4318", "http://c:4318/v1/metrics")]
    [InlineData(Endpoint, "https://c/base/", "https://c/base/v1/metrics")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://c:4318/own", "http://c:4318/own")]
    public void Settings_OfEndpoint_FollowTheSpecification(string name, string value, string expected) =>
        Assert.Equal(new Uri(expected), OtlpSettings.Read(Variables((name, value)), out _)!.Endpoint);

    [Fact]
    public void Settings_OfHeadersAndTimes_AreDecoded()
    {
        var settings = OtlpSettings.Read(
            Variables(
                (Endpoint, "http://c"), ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b, x=1=2"),
                ("OTEL_METRIC_EXPORT_INTERVAL", "250"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon")),
            out _)!;

        Assert.Equal([new("api-key", "a b"), new("x", "1=2")], settings.Headers);
        Assert.Equal((250, 10_000), (settings.Interval.TotalMilliseconds, settings.Timeout.TotalMilliseconds));
    }

    [Fact]
    public async Task Collector_OfAPush_GetsEveryMetric()
    {
        using var collector = Collector.Start();
        await using var exporter = OtlpExporter.Start(
            Variables(
                (Endpoint, collector.Url),
                ("OTEL_METRIC_EXPORT_INTERVAL", "50"),
                ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=secret")),
            static () => Snapshots.Shop,
            _observer);

        var (request, body) = await collector.TakeAsync(HttpStatusCode.OK);

        Assert.Equal(("/v1/metrics", "application/json", "secret"), request);
        var resource = body.RootElement.GetProperty("resourceMetrics")[0];
        Assert.Equal("shop", resource.GetProperty("resource").GetProperty("attributes")[0]
            .GetProperty("value").GetProperty("stringValue").GetString());
        var metrics = resource.GetProperty("scopeMetrics")[0].GetProperty("metrics").EnumerateArray().ToList();
        Assert.Equal(
            MetricTable.All.Select(metric => metric.Name),
            metrics.Select(metric => metric.GetProperty("name").GetString()));
        var requests = metrics[0].GetProperty("sum");
        Assert.True(requests.GetProperty("isMonotonic").GetBoolean());
        Assert.Equal(2, requests.GetProperty("aggregationTemporality").GetInt32());
        Assert.Equal(1001, requests.GetProperty("dataPoints")[0].GetProperty("asDouble").GetDouble());
        Assert.Equal(JsonValueKind.String, requests.GetProperty("dataPoints")[0].GetProperty("timeUnixNano").ValueKind);
    }

    [Fact]
    public async Task Collector_ThatRefuses_IsReportedOnceAndTriedAgain()
    {
        using var collector = Collector.Start();
        await using var exporter = OtlpExporter.Start(
            Variables((Endpoint, collector.Url), ("OTEL_METRIC_EXPORT_INTERVAL", "50")), static () => Snapshots.Shop, _observer);

        await collector.TakeAsync(HttpStatusCode.ServiceUnavailable);
        await collector.TakeAsync(HttpStatusCode.ServiceUnavailable);
        await collector.TakeAsync(HttpStatusCode.OK);
        await Waiting.UntilAsync(() => _observer.Events.Any(what => what.Name == "MetricsExported"));

        Assert.Equal(["MetricsExportFailed", "MetricsExported"], _observer.Events.Select(what => what.Name));
    }

    private static Func<string, string?> Variables(params (string Name, string Value)[] set) =>
        name => set.FirstOrDefault(pair => pair.Name == name).Value;

    private sealed class Collector(HttpListener listener, string url) : IDisposable
    {
        public string Url => url;

        public static Collector Start()
        {
            // HttpListener has no port 0; a port that was free a moment ago almost always still is.
            using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var url = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
            probe.Stop();
            var listener = new HttpListener();
            listener.Prefixes.Add($"{url}/");
            listener.Start();
            return new Collector(listener, url);
        }

        public async Task<((string Path, string? Type, string? Key) Request, JsonDocument Body)> TakeAsync(HttpStatusCode answer)
        {
            var context = await listener.GetContextAsync().WaitAsync(Scene.Patience);
            var body = await JsonDocument.ParseAsync(context.Request.InputStream);
            context.Response.StatusCode = (int)answer;
            context.Response.Close();
            return ((context.Request.Url!.AbsolutePath, context.Request.ContentType, context.Request.Headers["api-key"]), body);
        }

        public void Dispose() => listener.Close();
    }
}
