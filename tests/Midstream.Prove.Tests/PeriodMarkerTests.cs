using Midstream.Prove.Tests.Server;

namespace Midstream.Prove.Tests;

// The latencies of marked periods stand apart, each answered request in one of the two.
public sealed class PeriodMarkerTests
{
    [Fact]
    public async Task Run_WithAMarkedPeriod_TellsItsRequestsApart()
    {
        var marker = new PeriodMarker();
        IDisposable? period = null;
        // The server itself marks, so that the requests of the period are known: those from the 11th to the 20th.
        await using var server = new FaultyServer
        {
            Release = seen =>
            {
                if (seen.Ordinal == 11)
                    period = marker.Begin();
                if (seen.Ordinal == 21)
                    period!.Dispose();
                return "r";
            },
        };

        var report = await Oracle.RunAsync(Oracle.Options(server, ClientKind.Busy, clients: 1, requests: 30), marker: marker);

        // The 21st was under way when the period ended.
        Assert.Equal(11, report.Marked!.Answers);
        var only = Assert.Single(report.Marked.Periods);
        Assert.InRange(only.FromMs, 0, only.ToMs);
        Assert.InRange(only.ToMs, only.FromMs, report.DurationMs);
        Assert.Equal(report.Latency.MaxMs, Math.Max(report.Marked.Latency.MaxMs, report.Marked.OtherLatency.MaxMs));
    }

    [Fact]
    public async Task Run_PeriodNeverEnded_EndsWithTheRunAndHoldsAllRequests()
    {
        var marker = new PeriodMarker();
        using var period = marker.Begin();
        await using var server = new FaultyServer();

        var report = await Oracle.RunAsync(Oracle.Options(server, ClientKind.Busy, clients: 2, requests: 10), marker: marker);

        Assert.Equal(10, report.Marked!.Answers);
        Assert.Equal(0, report.Marked.OtherLatency.MaxMs);
        var only = Assert.Single(report.Marked.Periods);
        Assert.True(only.FromMs < 0, "the period began before the run");
        Assert.InRange(only.ToMs, 0, double.MaxValue);
    }

    [Fact]
    public async Task Run_WithoutAMarker_SaysNothingOfPeriods()
    {
        await using var server = new FaultyServer();

        var report = await Oracle.RunAsync(Oracle.Options(server, ClientKind.Busy, clients: 1, requests: 3));

        Assert.Null(report.Marked);
        Assert.DoesNotContain("marked", report.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void Touches_RequestsAroundAPeriod_OnlyThoseThatOverlapIt()
    {
        var marker = new PeriodMarker();
        var before = System.Diagnostics.Stopwatch.GetTimestamp();
        Assert.False(marker.Touches(before));

        var period = marker.Begin();
        Assert.True(marker.Touches(System.Diagnostics.Stopwatch.GetTimestamp()));
        Assert.Throws<InvalidOperationException>(marker.Begin);
        period.Dispose();
        period.Dispose();

        Assert.True(marker.Touches(before));
        Assert.False(marker.Touches(System.Diagnostics.Stopwatch.GetTimestamp() + 1));
        Assert.Single(marker.Read());
    }
}
