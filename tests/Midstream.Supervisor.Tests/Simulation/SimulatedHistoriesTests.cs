// Random histories of the supervisor with simulated workers, disk and time, in a process of their own: they need a thread pool of
// one thread. MIDSTREAM_TEST_HISTORIES sets how many; the program prints the seed of one that breaks the law, and its trace.

using System.Globalization;
using Midstream.TestKit;

namespace Midstream.Supervisor.Tests.Simulation;

public sealed class SimulatedHistoriesTests
{
    private const string Variable = "MIDSTREAM_TEST_HISTORIES";
    private const int Usual = 40_000;

    // Six hundred take a second of a processor that does nothing else.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task Run_OfManySeeds_BreaksTheLawInNone()
    {
        var count = int.Parse(Environment.GetEnvironmentVariable(Variable) ?? $"{Usual}", CultureInfo.InvariantCulture);
        var half = count / 2;

        // Each takes one processor.
        var results = await Task.WhenAll(SimulateAsync($"{half}", "0"), SimulateAsync($"{count - half}", $"{half}"));

        Assert.All(results, result => Assert.True(result.ExitCode == 0, result.ToString()));
        Assert.StartsWith($"{half} histories, 0 failed", results[0].Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OfTheSameSeedsTwice_IsTheSameToTheLastStep()
    {
        var first = await SimulateAsync("50", "7");
        var second = await SimulateAsync("50", "7");

        Assert.Equal(0, first.ExitCode);
        Assert.Equal(HashOf(first), HashOf(second));
    }

    private static string HashOf(ProgramResult result) => result.Output.Trim().Split(' ')[^1];

    private static async Task<ProgramResult> SimulateAsync(params string[] arguments)
    {
        await using var running = RunningProgram.Start("dotnet", [Simulator(), .. arguments]);
        return await running.WaitAsync(s_patience);
    }

    // Built with these tests, into a folder of its own that is beside theirs and named as theirs.
    private static string Simulator()
    {
        var own = Path.GetRelativePath(
            Path.Combine(Repository.Root, "tests", "Midstream.Supervisor.Tests"), AppContext.BaseDirectory);
        return Path.Combine(Repository.Root, "tests", "Midstream.Simulation", own, "Midstream.Simulation.dll");
    }
}
