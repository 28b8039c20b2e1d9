using Midstream.Bench.Modules;
using Midstream.Bench.Reports;
using Midstream.TestKit;

namespace Midstream.Bench.Tests;

// The measurements of modules: what is computed from what was measured, and how answers are judged.
public sealed class ModulesTests
{
    private static readonly long s_millisecond = System.Diagnostics.Stopwatch.Frequency / 1000;

    [Fact]
    public void Spread_OfNumbersInAnyOrder_IsTheMiddleTheMiddleHalfAndTheLargest() =>
        Assert.Equal(new Spread(4.5, 3, 6, 8), Spread.Of([8, 1, 7, 2, 6, 3, 5, 4]));

    [Fact]
    public void Spread_OfNothing_IsRefused() => Assert.Throws<ArgumentException>(() => Spread.Of([]));

    [Theory]
    [InlineData(0.5, 50)]
    [InlineData(0.99, 99)]
    [InlineData(1, 100)]
    public void Quantile_OfAHundredNumbers_IsTheOneThatTheShareDoesNotExceed(double share, double expected) =>
        Assert.Equal(expected, Spread.Quantile([.. Enumerable.Range(1, 100).Select(number => (double)number)], share));

    [Fact]
    public void Quantile_OfNothing_IsZero() => Assert.Equal(0, Spread.Quantile([], 0.99));

    [Fact]
    public void Slope_OfPointsAroundALine_IsTheLines()
    {
        Assert.Equal(3, Spread.Slope([(0, 10), (10, 40), (20, 70)]), precision: 9);
        Assert.Equal(1.8, Spread.Slope([(0, 1), (1, 2), (2, 5), (3, 6), (1.5, 3.5)]), precision: 9);
        Assert.Equal(0, Spread.Slope([(5, 1), (5, 9)]));
        Assert.Equal(0, Spread.Slope([]));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc")]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", "abc")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", null)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n", null)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-", null)]
    public void Response_WholeOrInPart_IsReadWhenItIsWhole(string response, string? body) =>
        Assert.Equal(body, KeptConnection.TryReadBody(response));

    [Theory]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc")]
    public void Response_ThatIsNoWholeAnswer_IsAFault(string response) =>
        Assert.Throws<IOException>(() => KeptConnection.TryReadBody(response));

    [Theory]
    [InlineData(nameof(Question.Who), "2.0.0 7 2.0.0")]
    [InlineData(nameof(Question.Who), "1.0.0 8 1.0.0")]
    [InlineData(nameof(Question.Pieces), "2.0.0 2.0.0 2.0.0 2.0.0 2.0.0 ")]
    [InlineData(nameof(Question.Service), "Hello, World!")]
    [InlineData(nameof(Question.Read), "item 3")]
    [InlineData(nameof(Question.Write), "12")]
    public void Answer_AsItShouldBe_IsNoFault(string question, string said)
    {
        var newest = 7L;

        Assert.Null(SlotClients.Judge(Enum.Parse<Question>(question), 3, said, ref newest));
    }

    [Theory]
    [InlineData(nameof(Question.Who), "1.0.0 7 2.0.0")]
    [InlineData(nameof(Question.Who), "1.0.0 6 1.0.0")]
    [InlineData(nameof(Question.Who), "")]
    [InlineData(nameof(Question.Pieces), "1.0.0 1.0.0 2.0.0 2.0.0 2.0.0 ")]
    [InlineData(nameof(Question.Pieces), "2.0.0 2.0.0 ")]
    [InlineData(nameof(Question.Service), "none")]
    [InlineData(nameof(Question.Read), "item 4")]
    [InlineData(nameof(Question.Write), "0")]
    public void Answer_OfTwoVersionsOfAnOlderOneOrWrong_IsAFault(string question, string said)
    {
        var newest = 7L;

        Assert.NotNull(SlotClients.Judge(Enum.Parse<Question>(question), 3, said, ref newest));
    }

    [Fact]
    public void Periods_OfAnswers_AreThoseOfWhichAnyMomentLiesInThem()
    {
        Answer[] answers =
        [
            AnswerOf(0, 4), AnswerOf(9, 11), AnswerOf(12, 13), AnswerOf(19, 25),
            AnswerOf(30, 90) with { Question = Question.Write },
        ];

        Assert.Equal([1, 2, 6], Periods.Times(answers, [(10 * s_millisecond, 20 * s_millisecond)]));
        Assert.Equal(6, Periods.Longest(answers, 10 * s_millisecond, 20 * s_millisecond));
        Assert.Equal(60, Periods.Longest(answers, 0, 40 * s_millisecond));
        Assert.Equal(6, Periods.Longest(answers, 0, 40 * s_millisecond, question => question == Question.Read));
        Assert.Equal(0, Periods.Longest([], 0, 1));
    }

    [Fact]
    public void SlotCost_Rendered_IsTheMedianOfDifferencesAndNotTheDifferenceOfMedians()
    {
        // The machine was ten times slower at the second moment, for both.
        CostPair[] pairs =
        [
            new(new Cost(500, 0), new Cost(560, 8)), new(new Cost(5000, 0), new Cost(5100, 8)),
            new(new Cost(510, 0), new Cost(580, 8)),
        ];

        var text = ModulesTable.Render(new ModulesResult
        {
            SlotCost = new SlotCostResult(0.5, 100, [new SlotCostRow("in process", "text", "slot", pairs)]),
        });

        string[] cells = ["text", "in process", "slot", "510", "580", "70 (60-100)", "1.12 (1.02-1.14)", "0", "8", "8", "3"];
        Assert.Equal(cells, CellsOf(text));
    }

    [Fact]
    public void ManySwaps_Rendered_SaysTheSlopeAndShowsFaultsOnce()
    {
        var result = new ManySwapsResult
        {
            LoadAverage = 1, Swaps = 3, Clients = 2, Answers = 12_345, Faults = ["closed", "closed"], WritesAcknowledged = 7,
            WritesFound = 7, Ended = 3, Collected = 2, SwapMs = [4, 5, 60],
            Memory = [new MemorySample(0, 1 << 20, 50 << 20), new MemorySample(3, (1 << 20) + (6 * 1024), 50 << 20)],
        };

        var text = ModulesTable.Render(new ModulesResult { ManySwaps = result });

        Assert.Matches(@"\| managed memory a swap, KB +\| +2\.00 \|", text);
        Assert.Matches(@"\| generations ended / collected +\| +3 / 2 \|", text);
        Assert.Matches(@"\| swap, median / worst ms +\| +5\.00 / 60\.0 \|", text);
        Assert.EndsWith("\n\n- closed\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Modules_MeasuredInParts_KeepAllPartsInTheRunsFile()
    {
        using var folder = new TemporaryFolder();
        RunFile Open() => RunFile.Open(folder.Path, Samples.Run.Day, Samples.Run.Commit, Samples.Machine);
        void Add(ModulesResult result) => Open().Update(run => run with { Modules = run.Modules?.With(result) ?? result });

        Add(new ModulesResult { Endpoints = new EndpointsResult(1, 10, [new EndpointsRow(10, [1], [2], [3])]) });
        Add(new ModulesResult { SwapTimes = new SwapTimesResult(1, [new SwapTimesRow(true, true, [SwapOf(20)])]) });
        Add(new ModulesResult { SwapTimes = new SwapTimesResult(1, [new SwapTimesRow(true, true, [SwapOf(30)])]) });

        var document = File.ReadAllText(folder.In("2026-01-02-abc.md"));
        Assert.Contains("| 10        |    1 (1-1) |", document, StringComparison.Ordinal);
        Assert.Matches(@"\| warmed up, stored \| +30\.0 \(30\.0-30\.0\) \|", document);
        Assert.DoesNotContain("20.0", document, StringComparison.Ordinal);
    }

    [Fact]
    public void Packages_Changed_AreCopiesWithAnotherNameOrContent()
    {
        using var folder = new TemporaryFolder();
        var package = Directory.CreateDirectory(folder.In("artifacts/modules/bench-Crowd")).FullName;
        File.WriteAllText(Path.Combine(package, "module.json"), """{ "format": 1, "name": "crowd" }""");
        var packages = new Packages(folder.In("artifacts"), folder.Path);

        var pinned = packages.As(packages.Crowd, "other", isPinned: true);

        Assert.Equal(
            """{"format":1,"name":"other","mode":"pinned"}""", File.ReadAllText(Path.Combine(pinned, "module.json")));
        var unseen = new[] { packages.Unseen(package), packages.Unseen(package) };
        Assert.Distinct(unseen.Select(copy => File.ReadAllText(Path.Combine(copy, "unseen.txt"))));
        Assert.Equal(["module.json"], Directory.EnumerateFiles(package).Select(Path.GetFileName));
    }

    private static SwapTime SwapOf(double ms) =>
        new(ms, 1, new Dictionary<string, double> { ["Load"] = 1, ["Build"] = 2, ["WarmUp"] = 3 });

    private static Answer AnswerOf(long fromMs, long toMs) =>
        new(Question.Read, fromMs * s_millisecond, toMs * s_millisecond);

    private static IEnumerable<string> CellsOf(string text) =>
        text.Split('\n')[^2].Trim('|').Split('|').Select(cell => cell.Trim());
}
