using Midstream.Bench.Peers;
using Midstream.Bench.Processes;
using Midstream.Bench.Reports;
using Midstream.Prove;

namespace Midstream.Bench.Upgrades;

/// <summary>One peer in one series: started, warmed up, upgraded under load as often as the plan says, and ended.</summary>
internal sealed class PeerRun(PeerEntry entry, SeriesPlan plan, Launcher launcher, string artifacts)
{
    private const int FailuresShown = 5;

    /// <summary>Runs it. No process of the peer is left afterwards.</summary>
    /// <exception cref="BenchException">It did not start, or an upgrade did not come to its end.</exception>
    public async Task<PeerResult> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("midstream-bench-").FullName;
        var peer = entry.Create(new PeerContext(launcher, folder, FreePort.Find(), artifacts));
        try
        {
            return await MeasureAsync(peer);
        }
        catch (Exception failure) when (failure is BenchException or TimeoutException or TargetUnreachableException)
        {
            throw new BenchException($"{entry.Name}: {failure.Message}{LogOf(folder)}");
        }
        finally
        {
            await Launcher.EndAllAsync();
            TemporaryFolders.Delete(folder);
        }
    }

    private async Task<PeerResult> MeasureAsync(Peer peer)
    {
        var version = await SoftwareVersion.AskAsync(peer.VersionCommand);
        await peer.StartAsync();
        await ProveRun.RunAsync(plan.OptionsFor(peer.Url) with { Duration = plan.WarmUp });

        var load = Machine.LoadAverage();
        await using var memory = MemoryPeak.Follow();
        var report = await UpgradeUnderLoadAsync(peer);
        return ResultOf(report, version, load, memory);
    }

    private async Task<ProveReport> UpgradeUnderLoadAsync(Peer peer)
    {
        using var end = new CancellationTokenSource();
        var marker = new PeriodMarker();
        var load = ProveRun.RunAsync(plan.OptionsFor(peer.Url), null, marker, end.Token);
        try
        {
            await UpgradeAsync(peer, marker);
        }
        finally
        {
            await end.CancelAsync();
            await load;
        }

        return await load;
    }

    // The load begins half an interval before the first upgrade, and ends as long after the last one.
    private async Task UpgradeAsync(Peer peer, PeriodMarker marker)
    {
        await Task.Delay(plan.Interval / 2);
        for (var release = 2; release <= plan.Upgrades + 1; release++)
        {
            var next = Task.Delay(release <= plan.Upgrades ? plan.Interval : plan.Interval / 2);
            using (marker.Begin())
                await peer.UpgradeAsync(release);
            await peer.SettleAsync();
            await next;
        }
    }

    private PeerResult ResultOf(ProveReport report, string version, double load, MemoryPeak memory) => new()
    {
        Peer = entry.Id,
        Name = entry.Name,
        Version = version,
        LoadAverage = load,
        DurationMs = report.DurationMs,
        Requests = report.Requests,
        Outcomes = report.Outcomes,
        Connections = report.Connections,
        Steady = report.Marked!.OtherLatency,
        DuringUpgrades = report.Marked.Latency,
        AnswersDuringUpgrades = report.Marked.Answers,
        Upgrades = UpgradeTimes.Of(report),
        MemoryBytes = memory.AtBeginningBytes,
        PeakMemoryBytes = memory.PeakBytes,
        Failures = [.. report.Failures.Take(FailuresShown).Select(failure => $"{failure.Outcome}: {failure.What}")],
    };

    private static string LogOf(string folder)
    {
        var log = Path.Combine(folder, "log");
        return File.Exists(log) ? $"\n{string.Join('\n', File.ReadLines(log).TakeLast(10))}" : "";
    }
}
