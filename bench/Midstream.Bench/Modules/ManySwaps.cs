using System.Globalization;
using Midstream.Bench.Reports;

namespace Midstream.Bench.Modules;

/// <summary>Swaps back to back while clients that do not pause keep their connections: what they lose, and what stays.</summary>
internal sealed class ManySwaps(ModulesPlan plan, MeasuredHost host, Packages packages)
{
    private const int Keys = 1000;
    private const int WarmUps = 50;
    private const int Samples = 20;

    public async Task<ManySwapsResult> RunAsync()
    {
        var load = Machine.LoadAverage();
        await host.DeployAsync(packages.MeasuredV1);
        await KeptConnection.AskOnceAsync(host.Slots, "POST", $"/measured/fill/{Keys}");
        using var clients = new SlotClients(
            host.Slots, [Question.Who, Question.Write, Question.Pieces, Question.Read, Question.Service], TimeSpan.Zero, Keys);
        clients.Start(plan.Clients);
        await SwapAsync(Math.Min(WarmUps, plan.Swaps), []);
        await host.RetiredAsync();
        var (ended, collected, times, faults) = (0, 0, new List<double>(), new List<string>());
        var memory = new List<MemorySample> { await SampleAsync(0) };
        for (var swap = 0; swap < plan.Swaps;)
        {
            var some = Math.Min(Math.Max(1, plan.Swaps / Samples), plan.Swaps - swap);
            await SwapAsync(some, times);
            swap += some;
            var retired = await host.RetiredAsync();
            ended += retired.Ended;
            collected += retired.Collected;
            faults.AddRange(retired.Faults);
            memory.Add(await SampleAsync(swap));
        }

        var answers = await clients.StopAsync();
        // Number of entries, their content, number of writes.
        var written = (await KeptConnection.AskOnceAsync(host.Slots, "GET", "/measured/sum")).Split(' ')[2];
        return new ManySwapsResult
        {
            LoadAverage = load, Swaps = times.Count, Clients = plan.Clients, Answers = answers.Count,
            Faults = [.. clients.Faults, .. faults], WritesAcknowledged = clients.Writes,
            WritesFound = long.Parse(written, CultureInfo.InvariantCulture), Ended = ended, Collected = collected,
            SwapMs = times, Memory = memory,
        };
    }

    private async Task SwapAsync(int swaps, List<double> times)
    {
        for (var swap = 0; swap < swaps; swap++)
            times.Add((await host.DeployAsync(packages.Measured(swap))).TotalMs);
    }

    private async Task<MemorySample> SampleAsync(int swap)
    {
        var memory = await host.MemoryAsync();
        return new MemorySample(swap, memory.ManagedBytes, memory.ResidentBytes);
    }
}

/// <summary>What the process held after so many swaps and a full collection.</summary>
internal sealed record MemorySample(int Swap, long ManagedBytes, long ResidentBytes);

/// <summary>What came of many swaps.</summary>
internal sealed record ManySwapsResult
{
    public required double LoadAverage { get; init; }

    public required int Swaps { get; init; }

    public required int Clients { get; init; }

    public required long Answers { get; init; }

    /// <summary>Gets what was not as it should be, of the clients and of the generations' ends.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    public required long WritesAcknowledged { get; init; }

    public required long WritesFound { get; init; }

    /// <summary>Gets how many generations have ended.</summary>
    public required int Ended { get; init; }

    /// <summary>Gets how many of them have left the memory.</summary>
    public required int Collected { get; init; }

    public required IReadOnlyList<double> SwapMs { get; init; }

    public required IReadOnlyList<MemorySample> Memory { get; init; }
}
