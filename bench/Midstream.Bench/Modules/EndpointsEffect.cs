using System.Diagnostics;
using System.Globalization;
using Midstream.Bench.Reports;

namespace Midstream.Bench.Modules;

/// <summary>Whether what is in other modules matters: the same requests and swaps in one process, in turn with few endpoints and
/// with many in ten other modules.</summary>
internal sealed class EndpointsEffect(ModulesPlan plan, MeasuredHost host, Packages packages)
{
    private const int Modules = 10;
    private const int Clients = 2;
    private const int Swaps = 3;
    private const int CostsEach = 5;

    private static readonly TimeSpan s_pauseMax = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_after = TimeSpan.FromMilliseconds(100);

    public async Task<EndpointsResult> RunAsync()
    {
        var load = Machine.LoadAverage();
        var crowd = Enumerable.Range(1, Modules).Select(i => Name(i)).ToDictionary(
            name => name, name => packages.As(packages.Crowd, name));
        await host.DeployAsync(packages.MeasuredV1);
        int[] sizes = [Modules, plan.Endpoints];
        var rows = sizes.Select(endpoints => new EndpointsRow(endpoints, [], [], [])).ToList();
        for (var round = 0; round <= plan.EndpointRounds; round++)
        {
            foreach (var row in round % 2 == 0 ? rows : Enumerable.Reverse(rows))
            {
                await FillAsync(crowd, row.Endpoints / Modules);
                // The first round is for the compiler.
                await MeasureAsync(round == 0 ? new EndpointsRow(row.Endpoints, [], [], []) : row);
            }
        }

        return new EndpointsResult(load, Modules, rows);
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"crowd-{number}");

    private async Task FillAsync(Dictionary<string, string> crowd, int endpoints)
    {
        foreach (var (name, package) in crowd)
        {
            await host.ConfigureAsync($"Modules:{name}:Endpoints", endpoints.ToString(CultureInfo.InvariantCulture));
            await host.DeployAsync(package);
        }

        await host.RetiredAsync();
    }

    private async Task MeasureAsync(EndpointsRow row)
    {
        for (var i = 0; i < CostsEach; i++)
            row.Ns.Add((await host.DirectAsync("slots", "/measured/text", plan.Requests)).NsEach);
        using var clients = new SlotClients(host.Slots, [Question.Service], s_pauseMax, keys: 1);
        clients.Start(Clients);
        var swaps = new List<(long From, long To)>();
        for (var swap = 0; swap < Swaps; swap++)
        {
            await Task.Delay(s_after);
            var begun = Stopwatch.GetTimestamp();
            row.SwapMs.Add((await host.DeployAsync(packages.Measured(swap))).TotalMs);
            await Task.Delay(s_after);
            swaps.Add((begun, Stopwatch.GetTimestamp()));
        }

        var answers = await clients.StopAsync();
        if (clients.Faults.Count > 0)
            throw new BenchException($"a client was not answered as it should be: {clients.Faults.First()}");
        row.PauseMs.AddRange(swaps.Select(swap => Periods.Longest(answers, swap.From, swap.To)));
        await host.RetiredAsync();
    }
}

/// <summary>One number of endpoints.</summary>
/// <param name="Endpoints">In all other modules together.</param>
/// <param name="Ns">The times of a request in process.</param>
/// <param name="SwapMs">The times of the swaps.</param>
/// <param name="PauseMs">The longest times that a request took during each of them and 100 ms afterwards.</param>
internal sealed record EndpointsRow(int Endpoints, List<double> Ns, List<double> SwapMs, List<double> PauseMs);

/// <summary>What endpoints in other modules cost.</summary>
internal sealed record EndpointsResult(double LoadAverage, int Modules, IReadOnlyList<EndpointsRow> Rows);
