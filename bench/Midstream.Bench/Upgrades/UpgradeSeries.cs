using Midstream.Bench.Peers;
using Midstream.Bench.Processes;

namespace Midstream.Bench.Upgrades;

/// <summary>A series: every peer, one after the other, under the same clients.</summary>
internal static class UpgradeSeries
{
    /// <summary>Runs it. A peer that cannot be measured is named in the result, and the others are measured.</summary>
    /// <param name="plan">The clients and the upgrades.</param>
    /// <param name="peers">The peers, in the order of the table.</param>
    /// <param name="artifacts">The folder with what was built.</param>
    /// <param name="say">Told of each row as soon as it is there.</param>
    public static async Task<SeriesResult> RunAsync(
        SeriesPlan plan, IReadOnlyList<PeerEntry> peers, string artifacts, Action<string> say)
    {
        using var launcher = new Launcher();
        var results = new List<PeerResult>();
        var notMeasured = new List<string>();
        foreach (var peer in peers)
        {
            try
            {
                results.Add(await new PeerRun(peer, plan, launcher, artifacts).RunAsync());
                say($"{plan.Id}: {peer.Name}: {results[^1].Outcomes.Lost} of {results[^1].Requests} requests lost");
            }
            catch (BenchException failure)
            {
                notMeasured.Add(failure.Message);
                say($"{plan.Id}: not measured: {failure.Message}");
            }
        }

        return new SeriesResult(
            plan.Id, plan.Title, plan.Upgrades, plan.Interval.TotalMilliseconds, results, notMeasured);
    }
}
