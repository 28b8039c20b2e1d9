// A real Prometheus reads the endpoint, in whichever format it prefers, and knows the numbers afterwards.

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Midstream.Core.Configuration;
using Midstream.Supervisor.Metrics;

namespace Midstream.Supervisor.Tests.Metrics;

public class PrometheusScrapeTests
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task Prometheus_ThatScrapesTheEndpoint_KnowsItsNumbers()
    {
        await using var scene = new Scene();
        await using var endpoint = MetricsEndpoint.Start(
            [new ListenSocket { Name = "metrics", Scheme = "http", EndPoint = new IPEndPoint(IPAddress.Loopback, 0) }],
            static () => Snapshots.Shop,
            scene.Observer)!;
        await File.WriteAllTextAsync(scene.In("prometheus.yml"), $$"""
            scrape_configs:
              - job_name: midstream
                scrape_interval: 1s
                static_configs:
                  - targets: ["{{new Uri(endpoint.Urls[0]).Authority}}"]
            """);
        var port = FreePort();
        using var prometheus = Process.Start(new ProcessStartInfo("prometheus",
        [
            $"--config.file={scene.In("prometheus.yml")}", $"--storage.tsdb.path={scene.In("data")}",
            $"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
        ]))!;
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/api/v1/") };

            Assert.Equal("1001", await QueryAsync(http, "midstream_requests_total"));
            Assert.Equal("1", await QueryAsync(http, "up"));
            Assert.Equal("1007", await QueryAsync(http, "midstream_connections_drained_total{rung=\"closed_by_peer\"}"));
            Assert.Equal("1", await QueryAsync(http, "midstream_info{release=\"9462c7623ba2\"}"));
            Assert.Equal("2.5", await QueryAsync(http, "midstream_worker_oldest_request_age_seconds{worker=\"g41.1\"}"));
        }
        finally
        {
            prometheus.Kill();
            await prometheus.WaitForExitAsync();
        }
    }

    // Until the first scrape there is no value, and before the start no answer.
    private static async Task<string> QueryAsync(HttpClient http, string query)
    {
        using var patience = new CancellationTokenSource(Scene.Patience);
        using var timer = new PeriodicTimer(s_interval);
        while (await timer.WaitForNextTickAsync(patience.Token))
        {
            try
            {
                var path = new Uri($"query?query={Uri.EscapeDataString(query)}", UriKind.Relative);
                var answer = JsonDocument.Parse(await http.GetStringAsync(path, patience.Token));
                foreach (var series in answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray())
                    return series.GetProperty("value")[1].GetString()!;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
        }

        throw new TimeoutException(query);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
