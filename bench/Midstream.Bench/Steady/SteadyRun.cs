using Midstream.Bench.Peers;
using Midstream.Bench.Processes;
using Midstream.Bench.Reports;

namespace Midstream.Bench.Steady;

/// <summary>
/// Compares the same program under <c>midstream run</c> and as plain Kestrel. Both run at the same time and are loaded in
/// turn, so that whatever else the machine does meets both; the one that begins changes with every round.
/// </summary>
internal sealed class SteadyRun(SteadyPlan plan, string artifacts, Action<string> say)
{
    private readonly Dictionary<(Exchange, int), List<Pair>> _pairs = [];
    private readonly List<double> _loadAverages = [];

    /// <summary>Makes all measurements.</summary>
    public async Task<SteadyResult> RunAsync()
    {
        using var launcher = new Launcher();
        for (var start = 1; start <= plan.Starts; start++)
        {
            _loadAverages.Add(Machine.LoadAverage());
            await MeasureAsync(launcher, start);
        }

        return new SteadyResult(plan.Starts, plan.Time.TotalSeconds, _loadAverages,
            [.. _pairs.Select(cell => new SteadyRow(cell.Key.Item1.Name, cell.Key.Item2, cell.Value))]);
    }

    private async Task MeasureAsync(Launcher launcher, int start)
    {
        var folder = Directory.CreateTempSubdirectory("midstream-bench-").FullName;
        try
        {
            var midstream = await StartAsync(launcher, folder, "midstream");
            var kestrel = await StartAsync(launcher, folder, "kestrel");
            await WarmUpAsync(midstream);
            await WarmUpAsync(kestrel);
            for (var round = 1; round <= plan.Rounds; round++)
                await MeasureAsync(midstream, kestrel, midstreamFirst: (round + start) % 2 == 0);
        }
        finally
        {
            await Launcher.EndAllAsync();
            TemporaryFolders.Delete(folder);
        }

        say($"start {start} of {plan.Starts} measured");
    }

    private async Task<MeasuredServer> StartAsync(Launcher launcher, string folder, string id)
    {
        var own = Directory.CreateDirectory(Path.Combine(folder, id)).FullName;
        return await MeasuredServer.StartAsync(
            PeerCatalog.All.Single(peer => peer.Id == id), new PeerContext(launcher, own, FreePort.Find(), artifacts));
    }

    private async Task WarmUpAsync(MeasuredServer server)
    {
        foreach (var exchange in plan.Chosen)
            await server.MeasureAsync(exchange, 64, SteadyPlan.WarmUp);
    }

    private async Task MeasureAsync(MeasuredServer midstream, MeasuredServer kestrel, bool midstreamFirst)
    {
        foreach (var connections in SteadyPlan.Connections)
        {
            foreach (var exchange in plan.Chosen)
            {
                var first = await (midstreamFirst ? midstream : kestrel).MeasureAsync(exchange, connections, plan.Time);
                var second = await (midstreamFirst ? kestrel : midstream).MeasureAsync(exchange, connections, plan.Time);
                Add(exchange, connections, midstreamFirst ? new Pair(first, second) : new Pair(second, first));
            }
        }
    }

    private void Add(Exchange exchange, int connections, Pair pair)
    {
        if (!_pairs.TryGetValue((exchange, connections), out var pairs))
            _pairs.Add((exchange, connections), pairs = []);
        pairs.Add(pair);
    }
}
