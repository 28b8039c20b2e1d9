using Midstream.Bench.Reports;
using Midstream.Bench.Steady;
using Midstream.Bench.Upgrades;
using Midstream.TestKit;

namespace Midstream.Bench.Tests;

// What is measured stands in the report where its column says.
public sealed class ReportTests
{
    [Theory]
    [InlineData(new double[] { 3, 1, 2 }, 2)]
    [InlineData(new double[] { 4, 1, 2, 9 }, 3)]
    [InlineData(new double[] { 7 }, 7)]
    public void Median_OfOddAndEvenNumbers_IsTheMiddle(double[] numbers, double expected) =>
        Assert.Equal(expected, Figures.Median(numbers));

    [Fact]
    public void Median_OfNothing_IsNull() => Assert.Null(Figures.Median([]));

    [Theory]
    [InlineData(0.456, "0.46")]
    [InlineData(45.6, "45.6")]
    [InlineData(4567.8, "4,568")]
    [InlineData(null, "-")]
    public void Ms_OfAnySize_HasTheDigitsThatCount(double? milliseconds, string expected) =>
        Assert.Equal(expected, Figures.Ms(milliseconds));

    [Fact]
    public void Table_OfUnequalCells_IsAlignedAndKeepsBars()
    {
        var table = new MarkdownTable("name", "n");
        table.Add("a|b", "1");
        table.Add("long name", "12,345");

        Assert.Equal(
            "| name      |      n |\n|-----------|-------:|\n| a\\|b      |      1 |\n| long name | 12,345 |\n",
            table.ToString());
        Assert.Throws<ArgumentException>(() => table.Add("one cell"));
    }

    [Fact]
    public void Series_Rendered_HasEachFigureInItsColumn()
    {
        var peer = Samples.Peer(
            "some", new UpgradeTimes(20, 30, 40), new UpgradeTimes(null, 0, 60), new UpgradeTimes(22, 30, 50));

        var lines = SeriesTable.Render(Samples.Series("s", peer)).Split('\n');

        Assert.Equal("## Clients of s", lines[0]);
        string[] cells =
        [
            "some, by hand", "1.2.3", "12,345", "10", "11", "22", "30 of 32", "1.00 / 3.00 / 4.00", "50.0 / 150 / 200",
            "21.0", "50.0", "50 / 90", "0.25",
        ];
        Assert.Equal(cells, lines[6].Trim('|').Split('|').Select(cell => cell.Trim()));
        Assert.Equal("- some, by hand: LostNoResponse: reset", lines[8]);
    }

    [Fact]
    public void Steady_Rendered_IsTheMedianOfRatiosAndNotTheRatioOfMedians()
    {
        // The machine was ten times slower at the second moment, for both.
        Pair[] pairs =
        [
            new(Samples.Sample(90), Samples.Sample(100)),
            new(Samples.Sample(10), Samples.Sample(10)),
            new(Samples.Sample(95), Samples.Sample(100)),
        ];

        var text = SteadyTable.Render(new SteadyResult(1, 2, [0.5], [new SteadyRow("JSON", 64, pairs)]));

        var cells = text.Split('\n')[^2].Trim('|').Split('|').Select(cell => cell.Trim()).ToList();
        Assert.Equal(["JSON", "64", "90", "100", "0.95 (0.90-1.00)"], cells[..5]);
        Assert.Equal("3", cells[^1]);
    }

    [Fact]
    public void RunFile_UpdatedInParts_KeepsAllPartsAndReplacesWhatIsMeasuredAgain()
    {
        using var folder = new TemporaryFolder();
        RunFile Open() => RunFile.Open(folder.Path, Samples.Run.Day, Samples.Run.Commit, Samples.Machine);

        Open().Update(run => run.With(Samples.Series("a", Samples.Peer("old"))).With("first"));
        Open().Update(run => run.With(Samples.Series("b", Samples.Peer("other"))).With("second"));
        Open().Update(run => run.With(Samples.Series("a", Samples.Peer("new"))).With("first"));

        var found = Open().Run;
        Assert.Equal(["b", "a"], found.Series.Select(series => series.Id));
        Assert.Equal("new", found.Series[1].Peers[0].Peer);
        Assert.Equal(["first", "second"], found.Commands);
        var document = File.ReadAllText(folder.In("2026-01-02-abc.md"));
        Assert.Contains("| new, by hand", document, StringComparison.Ordinal);
        Assert.Contains("| other, by hand", document, StringComparison.Ordinal);
        Assert.DoesNotContain("| old, by hand", document, StringComparison.Ordinal);
    }

    [Fact]
    public void RunFile_OfAnotherMachine_IsNotGoneOnWith()
    {
        using var folder = new TemporaryFolder();
        RunFile.Open(folder.Path, Samples.Run.Day, "abc", Samples.Machine).Update(run => run);

        Assert.Throws<BenchException>(
            () => RunFile.Open(folder.Path, Samples.Run.Day, "abc", Samples.Machine with { Cores = 64 }));
    }

    [Fact]
    public void Steady_MeasuredAgain_ReplacesItsRowsOnly()
    {
        var before = new SteadyResult(1, 2, [0], [new SteadyRow("JSON", 1, []), new SteadyRow("JSON", 64, [])]);
        var after = new SteadyResult(
            1, 2, [0], [new SteadyRow("JSON", 64, [new Pair(Samples.Sample(1), Samples.Sample(1))])]);

        var both = before.With(after);

        Assert.Equal([(1, 0), (64, 1)], both.Rows.Select(row => (row.Connections, row.Pairs.Count)));
    }

    [Fact]
    public void Machine_Read_SaysWhatItIsButNotItsName()
    {
        var machine = Machine.Read();

        Assert.Equal(Environment.ProcessorCount, machine.Cores);
        Assert.InRange(machine.MemoryMib, 1, long.MaxValue);
        Assert.DoesNotContain(Environment.MachineName, machine.ToString(), StringComparison.OrdinalIgnoreCase);
    }
}
