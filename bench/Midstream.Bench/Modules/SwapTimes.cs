using System.Diagnostics;
using System.Globalization;
using Midstream.Bench.Reports;

namespace Midstream.Bench.Modules;

/// <summary>How long it is from the command to the first answer of the new version, as a client sees it: with the package in the
/// store already and not, with requests to warm up and without.</summary>
internal sealed class SwapTimes(ModulesPlan plan, MeasuredHost host, Packages packages)
{
    private const int WarmUps = 2;

    public async Task<SwapTimesResult> RunAsync()
    {
        var load = Machine.LoadAverage();
        await host.DeployAsync(packages.MeasuredV1);
        await host.DeployAsync(packages.MeasuredV2);
        SwapTimesRow[] rows =
        [
            new(IsWarmedUp: true, IsStored: true, []), new(IsWarmedUp: true, IsStored: false, []),
            new(IsWarmedUp: false, IsStored: true, []), new(IsWarmedUp: false, IsStored: false, []),
        ];
        using var connection = await KeptConnection.ConnectAsync(host.Slots);
        for (var round = 0; round < plan.TimedSwaps + WarmUps; round++)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                var row = rows[(i + round) % rows.Length];
                var time = await MeasureAsync(connection, row, packages.Measured(round + i + 1));
                if (round >= WarmUps)
                    row.Times.Add(time);
            }
        }

        await host.ConfigureAsync("Modules:measured:WarmUp", "all");
        return new SwapTimesResult(load, rows);
    }

    private async Task<SwapTime> MeasureAsync(KeptConnection connection, SwapTimesRow row, string package)
    {
        await host.ConfigureAsync("Modules:measured:WarmUp", row.IsWarmedUp ? "all" : "none");
        package = row.IsStored ? package : packages.Unseen(package);
        var before = await GenerationAsync(connection);
        var begun = Stopwatch.GetTimestamp();
        var deploying = host.DeployAsync(package);
        while (true)
        {
            var asked = Stopwatch.GetTimestamp();
            if (await GenerationAsync(connection) == before)
            {
                if (deploying.IsFaulted)
                    await deploying;
                continue;
            }

            var time = new SwapTime(
                Stopwatch.GetElapsedTime(begun).TotalMilliseconds, Stopwatch.GetElapsedTime(asked).TotalMilliseconds,
                (await deploying).PhasesMs);
            // Its memory is looked at before the next one, and is none of its time.
            await host.RetiredAsync();
            return time;
        }
    }

    private static async Task<long> GenerationAsync(KeptConnection connection) => long.Parse(
        (await connection.AskAsync("GET", "/measured/who")).Split(' ')[1], CultureInfo.InvariantCulture);
}

/// <summary>One swap.</summary>
/// <param name="ServedMs">From the command to the end of the first answer of the new version.</param>
/// <param name="FirstMs">How long that first answer took.</param>
/// <param name="PhasesMs">The times of the phases, as the host says.</param>
internal sealed record SwapTime(double ServedMs, double FirstMs, IReadOnlyDictionary<string, double> PhasesMs);

/// <summary>One setting.</summary>
/// <param name="IsWarmedUp">Whether the module declares requests to warm up.</param>
/// <param name="IsStored">Whether the package was in the store.</param>
/// <param name="Times">All swaps.</param>
internal sealed record SwapTimesRow(bool IsWarmedUp, bool IsStored, List<SwapTime> Times);

/// <summary>How long swaps take.</summary>
internal sealed record SwapTimesResult(double LoadAverage, IReadOnlyList<SwapTimesRow> Rows);
