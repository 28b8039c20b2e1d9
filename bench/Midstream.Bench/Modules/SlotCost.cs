using Midstream.Bench.Reports;
using Midstream.Bench.Steady;

namespace Midstream.Bench.Modules;

/// <summary>What a slot costs a request: the same endpoints as an application's own, in a slot, and in a slot whose module is
/// never unloaded and so compiled as well as the application. In turn, so that what else the machine does meets all.</summary>
internal sealed class SlotCost(ModulesPlan plan, MeasuredHost host, Packages packages)
{
    private const int Connections = 8;
    private const int WarmUps = 20;

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly (string Name, string Path)[] s_endpoints =
        [("no services", "/text"), ("a scoped service", "/service")];

    private static readonly (string Name, string Side, string Slot)[] s_places =
        [("none", "plain", "/measured"), ("slot", "slots", "/measured"), ("slot, pinned", "slots", "/pinned")];

    private readonly Dictionary<(string Way, string Endpoint, string Place), List<Cost>> _costs = [];

    public async Task<SlotCostResult> RunAsync()
    {
        var load = Machine.LoadAverage();
        await host.DeployAsync(packages.MeasuredV1);
        await host.DeployAsync(packages.As(packages.MeasuredV1, "pinned", isPinned: true));
        for (var round = 0; round < WarmUps; round++)
            await EachAsync(round, DirectAsync);
        _costs.Clear();
        for (var round = 0; round < plan.Rounds; round++)
            await EachAsync(round, DirectAsync);
        for (var round = 0; round < plan.ConnectionRounds; round++)
            await EachAsync(round, OverConnectionsAsync);
        return new SlotCostResult(load, plan.Requests, [.. _costs.Where(cost => cost.Key.Place != "none").Select(cost =>
            new SlotCostRow(cost.Key.Way, cost.Key.Endpoint, cost.Key.Place, PairsOf(cost.Key)))]);
    }

    // Who begins changes with every round.
    private static async Task EachAsync(
        int round, Func<(string Name, string Path), (string Name, string Side, string Slot), Task> measure)
    {
        foreach (var endpoint in s_endpoints)
        {
            for (var i = 0; i < s_places.Length; i++)
                await measure(endpoint, s_places[(i + round) % s_places.Length]);
        }
    }

    private async Task DirectAsync((string Name, string Path) endpoint, (string Name, string Side, string Slot) place)
    {
        var direct = await host.DirectAsync(place.Side, place.Slot + endpoint.Path, plan.Requests);
        Add("in process", endpoint.Name, place.Name, new Cost(direct.NsEach, direct.BytesEach));
    }

    // The time is the processor's: with clients on the same machine throughput says less of the server.
    private async Task OverConnectionsAsync((string Name, string Path) endpoint, (string Name, string Side, string Slot) place)
    {
        var address = place.Side == "plain" ? host.Plain : host.Slots;
        var before = await host.UsageAsync();
        var wrk = await Wrk.RunAsync(address + place.Slot, new Exchange(endpoint.Name, endpoint.Path), Connections, s_second);
        var after = await host.UsageAsync();
        Add($"{Connections} connections", endpoint.Name, place.Name, new Cost(
            (after.CpuUs - before.CpuUs) * 1000 / wrk.Requests,
            (double)(after.AllocatedBytes - before.AllocatedBytes) / wrk.Requests));
    }

    private void Add(string way, string endpoint, string place, Cost cost)
    {
        if (!_costs.TryGetValue((way, endpoint, place), out var costs))
            _costs.Add((way, endpoint, place), costs = []);
        costs.Add(cost);
    }

    private List<CostPair> PairsOf((string Way, string Endpoint, string Place) row) =>
        [.. _costs[(row.Way, row.Endpoint, "none")].Zip(_costs[row], (plain, slot) => new CostPair(plain, slot))];
}

/// <summary>What one request cost.</summary>
/// <param name="Ns">Its time, or the processor's time for it.</param>
/// <param name="Bytes">What the process has allocated for it.</param>
internal sealed record Cost(double Ns, double Bytes);

/// <summary>Both sides, measured right after each other.</summary>
internal sealed record CostPair(Cost Plain, Cost Slot);

/// <summary>One endpoint in one kind of slot.</summary>
internal sealed record SlotCostRow(string Way, string Endpoint, string Place, IReadOnlyList<CostPair> Pairs);

/// <summary>What a slot costs.</summary>
/// <param name="LoadAverage">The machine's load before.</param>
/// <param name="Requests">How many requests make one measurement in process.</param>
/// <param name="Rows">The rows of the table.</param>
internal sealed record SlotCostResult(double LoadAverage, int Requests, IReadOnlyList<SlotCostRow> Rows);
