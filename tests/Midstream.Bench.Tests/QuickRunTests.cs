using Midstream.Bench.Upgrades;
using Midstream.TestKit;

namespace Midstream.Bench.Tests;

// The bench itself, on the two systems that need no package: that it starts them, upgrades them, counts, and leaves nothing
// behind.
public sealed class QuickRunTests
{
    private static readonly string s_bench = Path.Combine(AppContext.BaseDirectory, "Midstream.Bench.dll");

    [Fact]
    public async Task Upgrades_OfMidstreamAndKestrel_LosesNothingWithTheFirstAndClosesEverythingWithTheSecond()
    {
        await using var bench = RunningProgram.Start(
            "dotnet",
            [s_bench, "upgrades", "--quick", "--series", "think-20", "--peers", "midstream", "kestrel", "--no-record",
             "--repository", Repository.Root]);

        var ended = await bench.WaitAsync();

        Assert.True(ended.ExitCode == 0, ended.ToString());
        var clients = $"of {SeriesPlan.ThinkingClients}";
        Assert.Equal(["0", "0", "0", $"32 {clients}"], Cells(ended.Output, "| Midstream, deploy"));
        Assert.Equal($"0 {clients}", Cells(ended.Output, "| Kestrel, new process")[^1]);
        Assert.DoesNotContain("not measured", ended.Output, StringComparison.Ordinal);
    }

    // Lost, announced closes, closes of idle connections, connections that survived.
    private static string[] Cells(string output, string row)
    {
        var line = output.Split('\n').Single(line => line.StartsWith(row, StringComparison.Ordinal));
        return [.. line.Trim('|').Split('|').Select(cell => cell.Trim()).Skip(3).Take(4)];
    }
}
