using System.Diagnostics;
using Midstream.Bench.Reports;

namespace Midstream.Bench.Modules;

/// <summary>What one swap a second costs clients that pause: stretches with swaps and without, in turn, in one run.</summary>
internal sealed class PacedSwaps(ModulesPlan plan, MeasuredHost host, Packages packages)
{
    private const int StretchSeconds = 10;
    private const int Keys = 1000;

    private static readonly TimeSpan s_pauseMax = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    public async Task<PacedResult> RunAsync()
    {
        var load = Machine.LoadAverage();
        await host.DeployAsync(packages.MeasuredV1);
        await KeptConnection.AskOnceAsync(host.Slots, "POST", $"/measured/fill/{Keys}");
        using var clients = new SlotClients(
            host.Slots, [Question.Who, Question.Write, Question.Pieces, Question.Read, Question.Service], s_pauseMax, Keys);
        clients.Start(plan.Clients);
        var seconds = Math.Min(StretchSeconds, plan.PacedSeconds);
        // A first pair for the compiler.
        await StretchAsync(seconds, isSwapping: true);
        var (steady, swapping) = (new List<(long, long)>(), new List<(long, long)>());
        for (var done = 0; done < plan.PacedSeconds; done += seconds)
        {
            steady.Add(await StretchAsync(seconds, isSwapping: false));
            swapping.Add(await StretchAsync(seconds, isSwapping: true));
        }

        var answers = await clients.StopAsync();
        return new PacedResult(
            load, plan.Clients, seconds, [.. clients.Faults],
            [.. steady.Zip(swapping, (quiet, busy) => new PacedPair(LatencyOf(answers, [quiet]), LatencyOf(answers, [busy])))],
            LatencyOf(answers, steady), LatencyOf(answers, swapping));
    }

    private async Task<(long From, long To)> StretchAsync(int seconds, bool isSwapping)
    {
        var from = Stopwatch.GetTimestamp();
        using var clock = new PeriodicTimer(s_second);
        for (var second = 0; second < seconds; second++)
        {
            if (isSwapping)
                await host.DeployAsync(packages.Measured(second));
            await clock.WaitForNextTickAsync();
        }

        var to = Stopwatch.GetTimestamp();
        // What is still to be collected belongs to neither stretch.
        await host.RetiredAsync();
        return (from, to);
    }

    private static Latency LatencyOf(IReadOnlyList<Answer> answers, IReadOnlyList<(long, long)> periods)
    {
        var times = Periods.Times(answers, periods);
        return new Latency(
            times.Count, Spread.Quantile(times, 0.5), Spread.Quantile(times, 0.99), Spread.Quantile(times, 0.999),
            Spread.Quantile(times, 1));
    }
}

/// <summary>The times of some answers, in milliseconds.</summary>
internal sealed record Latency(int Answers, double P50Ms, double P99Ms, double P999Ms, double MaxMs);

/// <summary>A stretch without swaps and the one after it.</summary>
internal sealed record PacedPair(Latency Steady, Latency Swapping);

/// <summary>What one swap a second costs.</summary>
internal sealed record PacedResult(
    double LoadAverage, int Clients, int StretchSeconds, IReadOnlyList<string> Faults, IReadOnlyList<PacedPair> Pairs,
    Latency Steady, Latency Swapping);
