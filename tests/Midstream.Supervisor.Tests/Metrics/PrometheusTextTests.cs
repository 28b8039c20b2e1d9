// The text of /metrics, judged by Prometheus's own tool and written out where that says nothing.

using System.Diagnostics;
using Midstream.Supervisor.Metrics;

namespace Midstream.Supervisor.Tests.Metrics;

public class PrometheusTextTests
{
    public static TheoryData<string> Snapshot => [nameof(Snapshots.Shop), nameof(Snapshots.Hostile)];

    [Theory]
    [MemberData(nameof(Snapshot))]
    public async Task Write_PlainText_PassesPromtool(string which)
    {
        var (exitCode, said) = await CheckAsync(PrometheusText.Write(Get(which), isOpenMetrics: false));

        Assert.Equal("", said);
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public async Task Promtool_OfTextThatIsWrong_SaysSo()
    {
        var (exitCode, _) = await CheckAsync(
            PrometheusText.Write(Snapshots.Shop, isOpenMetrics: false)
                .Replace("midstream_requests_total", "midstream_requests", StringComparison.Ordinal));

        Assert.NotEqual(0, exitCode);
    }

    [Theory]
    [InlineData("midstream_info{service=\"shop\",release=\"9462c7623ba2\",version=\"0.1.0\"} 1")]
    [InlineData("midstream_requests_total{service=\"shop\"} 1001")]
    [InlineData("midstream_request_errors_total{service=\"shop\"} 1002")]
    [InlineData("midstream_connections_accepted_total{service=\"shop\"} 1003")]
    [InlineData("midstream_connections_taken_over_total{service=\"shop\"} 1004")]
    [InlineData("midstream_connections_drained_total{service=\"shop\",rung=\"moved\"} 1005")]
    [InlineData("midstream_connections_drained_total{service=\"shop\",rung=\"announced\"} 1006")]
    [InlineData("midstream_connections_drained_total{service=\"shop\",rung=\"closed_by_peer\"} 1007")]
    [InlineData("midstream_connections_drained_total{service=\"shop\",rung=\"closed_at_deadline\"} 1008")]
    [InlineData("midstream_connections_closed_total{service=\"shop\"} 1009")]
    [InlineData("midstream_active_requests{service=\"shop\"} 1010")]
    [InlineData("midstream_open_connections{service=\"shop\"} 1011")]
    [InlineData("midstream_workers{service=\"shop\"} 2")]
    [InlineData("midstream_deployments_total{service=\"shop\"} 4001")]
    [InlineData("midstream_worker_restarts_total{service=\"shop\"} 4002")]
    [InlineData("midstream_worker_hangs_total{service=\"shop\"} 4003")]
    [InlineData("midstream_worker_active_requests{service=\"shop\",worker=\"g41.2\"} 3001")]
    [InlineData("midstream_worker_open_connections{service=\"shop\",worker=\"g41.1\"} 2002")]
    [InlineData("midstream_worker_oldest_request_age_seconds{service=\"shop\",worker=\"g41.1\"} 2.5")]
    [InlineData("midstream_worker_heap_size_bytes{service=\"shop\",worker=\"g41.1\"} 2004")]
    [InlineData("midstream_worker_thread_pool_queue_length{service=\"shop\",worker=\"g41.2\"} 3005")]
    [InlineData("midstream_worker_report_age_seconds{service=\"shop\",worker=\"g41.2\"} 1.75")]
    public void Write_EveryMetric_HasItsOwnNumber(string line)
    {
        Assert.Contains(line, Lines(Snapshots.Shop, isOpenMetrics: false));
        Assert.Contains(line, Lines(Snapshots.Shop, isOpenMetrics: true));
    }

    [Fact]
    public void Write_LabelWithQuotesAndLineFeeds_EscapesThem() => Assert.Contains(
        """midstream_info{service="shop",release="a\"b\\c\nd{}=",version="0.1.0"} 1""",
        Lines(Snapshots.Hostile, isOpenMetrics: false));

    [Fact]
    public void Write_OpenMetrics_NamesFamiliesAndUnitsAndEnds()
    {
        var lines = Lines(Snapshots.Shop, isOpenMetrics: true);

        Assert.Contains("# TYPE midstream info", lines);
        Assert.Contains("# TYPE midstream_requests counter", lines);
        Assert.Contains("# UNIT midstream_worker_heap_size_bytes bytes", lines);
        Assert.Equal("# EOF", lines[^1]);
    }

    private static MetricsSnapshot Get(string which) =>
        which == nameof(Snapshots.Shop) ? Snapshots.Shop : Snapshots.Hostile;

    private static string[] Lines(MetricsSnapshot snapshot, bool isOpenMetrics) =>
        PrometheusText.Write(snapshot, isOpenMetrics).TrimEnd('\n').Split('\n');

    private static async Task<(int ExitCode, string Said)> CheckAsync(string text)
    {
        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        var said = await promtool.StandardOutput.ReadToEndAsync() + await promtool.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(Scene.Patience);
        await promtool.WaitForExitAsync(patience.Token);
        return (promtool.ExitCode, said);
    }
}
