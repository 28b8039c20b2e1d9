// Runs simulated histories of a supervisor, a seed each.
//
//   Midstream.Simulation COUNT [FIRST]   runs that many, from a first seed on (0 by default)
//   Midstream.Simulation --seed SEED     runs one of them, and tells what happens in it

using System.Diagnostics;
using System.Globalization;
using Midstream.Simulation.Histories;

namespace Midstream.Simulation;

internal static class Program
{
    private const int ToldMax = 40;

    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is ["--seed", var one])
            return await TellAsync(Number(one));
        var count = Number(arguments[0]);
        var first = arguments.Length > 1 ? Number(arguments[1]) : 0;
        var failed = new List<(ulong Seed, string Fault)>();
        var clock = Stopwatch.StartNew();
        var (steps, hash) = (0L, 0UL);
        for (var seed = first; seed < first + count; seed++)
        {
            var outcome = await History.RunAsync(seed);
            if (outcome.Fault is { } fault)
                failed.Add((seed, fault));
            (steps, hash) = (steps + outcome.Steps, (hash * 31) ^ outcome.Hash);
        }

        Console.WriteLine($"{count} histories, {failed.Count} failed, {steps} steps, {clock.Elapsed.TotalSeconds:0.0} s, " +
            $"hash {hash:x16}");
        foreach (var (seed, fault) in failed.Take(ToldMax))
            Console.WriteLine($"seed {seed}: {fault.Split('\n')[0]}");
        return failed.Count == 0 ? 0 : await TellAsync(failed[0].Seed);
    }

    private static async Task<int> TellAsync(ulong seed)
    {
        var outcome = await History.RunAsync(seed, Console.Out);
        Console.WriteLine($"seed {seed}: {outcome.Steps} steps, hash {outcome.Hash:x16}");
        Console.WriteLine(outcome.Fault is { } fault
            ? $"FAILED: {fault}\nAgain: dotnet run --project tests/Midstream.Simulation -c Release -- --seed {seed}"
            : "All was well.");
        return outcome.Fault is null ? 0 : 1;
    }

    private static ulong Number(string text) => ulong.Parse(text, CultureInfo.InvariantCulture);
}
