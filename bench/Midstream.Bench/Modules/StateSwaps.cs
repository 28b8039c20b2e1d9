using System.Diagnostics;
using System.Globalization;
using Midstream.Bench.Reports;

namespace Midstream.Bench.Modules;

/// <summary>A large state that goes to the second version, which has another form of it, and back, while clients read and
/// write.</summary>
internal sealed class StateSwaps(ModulesPlan plan, MeasuredHost host, Packages packages)
{
    private const int Clients = 8;

    private static readonly TimeSpan s_pauseMax = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_steady = TimeSpan.FromSeconds(3);

    public async Task<StateResult> RunAsync()
    {
        var load = Machine.LoadAverage();
        await host.DeployAsync(packages.MeasuredV1);
        await KeptConnection.AskOnceAsync(
            host.Slots, "POST", string.Create(CultureInfo.InvariantCulture, $"/measured/fill/{plan.Entries}"));
        var before = await SumAsync();
        using var clients = new SlotClients(host.Slots, [Question.Read, Question.Write], s_pauseMax, plan.Entries);
        clients.Start(Clients);
        var swaps = new List<(string Direction, (long From, long To) Steady, (long From, long To) Swap, Deployed Deployed)>();
        for (var trip = 0; trip < plan.Trips; trip++)
        {
            foreach (var (direction, package) in new[] { ("v1 to v2", packages.MeasuredV2), ("v2 to v1", packages.MeasuredV1) })
            {
                await host.RetiredAsync();
                var quiet = Stopwatch.GetTimestamp();
                await Task.Delay(s_steady);
                var begun = Stopwatch.GetTimestamp();
                var deployed = await host.DeployAsync(package);
                swaps.Add((direction, (quiet, begun), (begun, Stopwatch.GetTimestamp()), deployed));
            }
        }

        await host.RetiredAsync();
        var answers = await clients.StopAsync();
        var after = await SumAsync();
        return new StateResult
        {
            LoadAverage = load, Entries = before.Entries, EntriesAfter = after.Entries, IsEqual = before.Content == after.Content,
            WritesAcknowledged = clients.Writes, WritesFound = after.Writes - before.Writes, Faults = [.. clients.Faults],
            Swaps = [.. swaps.Select(swap => new StateSwap(
                swap.Direction, swap.Deployed.TotalMs, swap.Deployed.PhasesMs["Migrate"], swap.Deployed.FreezeMs,
                swap.Deployed.CollectorMs,
                Longest(answers, swap.Steady, Question.Read), Longest(answers, swap.Steady, Question.Write),
                Longest(answers, swap.Swap, Question.Read), Longest(answers, swap.Swap, Question.Write)))],
        };
    }

    private static double Longest(IReadOnlyList<Answer> answers, (long From, long To) period, Question which) =>
        Periods.Longest(answers, period.From, period.To, question => question == which);

    private async Task<(long Entries, string Content, long Writes)> SumAsync()
    {
        var sum = (await KeptConnection.AskOnceAsync(host.Slots, "GET", "/measured/sum")).Split(' ');
        return (long.Parse(sum[0], CultureInfo.InvariantCulture), sum[1], long.Parse(sum[2], CultureInfo.InvariantCulture));
    }
}

/// <summary>One swap with a large state, in milliseconds.</summary>
/// <param name="Direction">From which version to which.</param>
/// <param name="WholeMs">From the command to its end.</param>
/// <param name="CopyMs">The copy of the state in it.</param>
/// <param name="FreezeMs">The longest time that writers had to wait, as the host says.</param>
/// <param name="CollectorMs">All pauses of the garbage collector in it together.</param>
/// <param name="SteadyReadMs">The longest read in the seconds before.</param>
/// <param name="SteadyWriteMs">The longest write in the seconds before.</param>
/// <param name="ReadMs">The longest read in the swap.</param>
/// <param name="WriteMs">The longest write in the swap.</param>
internal sealed record StateSwap(
    string Direction, double WholeMs, double CopyMs, double FreezeMs, double CollectorMs, double SteadyReadMs,
    double SteadyWriteMs, double ReadMs, double WriteMs);

/// <summary>What came of the swaps with a large state.</summary>
internal sealed record StateResult
{
    public required double LoadAverage { get; init; }

    public required long Entries { get; init; }

    public required long EntriesAfter { get; init; }

    /// <summary>Gets whether all keys and texts are what they were.</summary>
    public required bool IsEqual { get; init; }

    public required long WritesAcknowledged { get; init; }

    public required long WritesFound { get; init; }

    public required IReadOnlyList<string> Faults { get; init; }

    public required IReadOnlyList<StateSwap> Swaps { get; init; }
}
