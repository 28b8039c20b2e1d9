using System.Globalization;
using System.Text;
using Midstream.Bench.Reports;

namespace Midstream.Bench.Modules;

/// <summary>What was measured of the modules as sections of the report, each with the goal it is held against.</summary>
internal static class ModulesTable
{
    private const int FaultsShown = 5;

    /// <summary>Returns the sections in Markdown.</summary>
    public static string Render(ModulesResult result) => string.Join('\n', Sections(result).OfType<string>());

    private static IEnumerable<string?> Sections(ModulesResult result)
    {
        yield return result.SlotCost is { } cost ? Render(cost) : null;
        yield return result.Endpoints is { } endpoints ? Render(endpoints) : null;
        yield return result.SwapTimes is { } times ? Render(times) : null;
        yield return result.ManySwaps is { } many ? Render(many) : null;
        yield return result.Paced is { } paced ? Render(paced) : null;
        yield return result.State is { } state ? Render(state) : null;
    }

    private static string Render(SlotCostResult result)
    {
        var text = Section("Modules: what a slot costs a request", result.LoadAverage, $"""
            The same endpoint as an application's own and in a slot, in turn; medians, and in brackets the middle half of the
            differences of the same moment. In process a time is the median of {Figures.Count(result.Requests)} requests in pieces
            of 100, one after the other on one thread; over connections it is the processor's. Goal: less than 100 ns, and no
            bytes beside the module's own service scope.
            """);
        var table = new MarkdownTable(
            "endpoint", "way", "place", "without ns", "with ns", "difference ns", "ratio", "without bytes", "with bytes",
            "difference bytes", "moments");
        foreach (var row in result.Rows)
        {
            table.Add(
                row.Endpoint, row.Way, row.Place,
                Whole(Median(row, pair => pair.Plain.Ns)), Whole(Median(row, pair => pair.Slot.Ns)),
                Between(row.Pairs.Select(pair => pair.Slot.Ns - pair.Plain.Ns), Whole),
                Between(row.Pairs.Select(pair => pair.Slot.Ns / pair.Plain.Ns), Figures.Ratio),
                Whole(Median(row, pair => pair.Plain.Bytes)), Whole(Median(row, pair => pair.Slot.Bytes)),
                Whole(Median(row, pair => pair.Slot.Bytes - pair.Plain.Bytes)), Figures.Count(row.Pairs.Count));
        }

        return text.Append(table).ToString();
    }

    private static string Render(EndpointsResult result)
    {
        var text = Section("Modules: endpoints in other modules", result.LoadAverage, $"""
            The same process with few endpoints and with many in {result.Modules} other modules, in turn. Medians; a request
            without a connection, a swap from its command to its end, the longest time of a request in a swap and the 100 ms
            after it. Goal: no difference.
            """);
        var table = new MarkdownTable(
            "endpoints", "request ns", "swap ms", "worst swap ms", "longest request ms", "worst of them ms", "swaps");
        foreach (var row in result.Rows)
        {
            var (swaps, pauses) = (Spread.Of(row.SwapMs), Spread.Of(row.PauseMs));
            table.Add(
                Figures.Count(row.Endpoints), Between(row.Ns, Whole), Between(row.SwapMs, Ms), Ms(swaps.Largest),
                Between(row.PauseMs, Ms), Ms(pauses.Largest), Figures.Count(row.SwapMs.Count));
        }

        return text.Append(table).ToString();
    }

    private static string Render(SwapTimesResult result)
    {
        var text = Section("Modules: from the command to the first answer", result.LoadAverage, """
            As one client sees it that asks again and again on one connection; the median, in brackets the middle half. A package
            that is not stored has to be copied into the store first. The times of the phases are medians.
            """);
        var table = new MarkdownTable(
            "setting", "command to first answer ms", "worst ms", "first answer itself ms", "worst ms", "load ms", "build ms",
            "warm-up ms", "swaps");
        foreach (var row in result.Rows)
        {
            var (served, first) = (row.Times.Select(time => time.ServedMs), row.Times.Select(time => time.FirstMs));
            table.Add(
                $"{(row.IsWarmedUp ? "warmed up" : "not warmed up")}, {(row.IsStored ? "stored" : "not stored")}",
                Between(served, Ms), Ms(served.Max()), Between(first, Ms), Ms(first.Max()), Phase(row, "Load"),
                Phase(row, "Build"), Phase(row, "WarmUp"), Figures.Count(row.Times.Count));
        }

        return text.Append(table).ToString();
    }

    private static string Render(ManySwapsResult result)
    {
        var times = Spread.Of(result.SwapMs);
        var text = Section("Modules: swaps back to back", result.LoadAverage, $"""
            {result.Clients} clients on connections that are kept, without pauses; each checks every answer. Goals: 0 faults,
            every generation collected, less than 5 KB a swap.
            """);
        var table = new MarkdownTable("what", "figure");
        table.Add("swaps", Figures.Count(result.Swaps));
        table.Add("answers", Figures.Count(result.Answers));
        table.Add("faults", Figures.Count(result.Faults.Count));
        table.Add("writes acknowledged / found", Both(result.WritesAcknowledged, result.WritesFound));
        table.Add("generations ended / collected", Both(result.Ended, result.Collected));
        table.Add("managed memory a swap, KB", Slope(result, sample => sample.ManagedBytes));
        table.Add("resident memory a swap, KB", Slope(result, sample => sample.ResidentBytes));
        table.Add("resident memory before / after, MiB",
            $"{Figures.Mib(result.Memory[0].ResidentBytes)} / {Figures.Mib(result.Memory[^1].ResidentBytes)}");
        table.Add("swap, median / worst ms", $"{Ms(times.Median)} / {Ms(times.Largest)}");
        return text.Append(table).Append(Faults(result.Faults)).ToString();
    }

    private static string Render(PacedResult result)
    {
        var text = Section("Modules: one swap a second", result.LoadAverage, $"""
            {result.Clients} clients that pause for 0-100 ms between requests, {result.StretchSeconds} s without swaps and
            {result.StretchSeconds} s with one a second in turn, {result.Pairs.Count} times. Goal: p99 with swaps at most twice
            the p99 without.
            """);
        var table = new MarkdownTable("stretches", "answers", "p50 ms", "p99 ms", "p99.9 ms", "longest ms");
        foreach (var (name, latency) in new[] { ("without swaps", result.Steady), ("one swap a second", result.Swapping) })
        {
            table.Add(
                name, Figures.Count(latency.Answers), Ms(latency.P50Ms), Ms(latency.P99Ms), Ms(latency.P999Ms),
                Ms(latency.MaxMs));
        }

        var ratios = Between(result.Pairs.Select(pair => pair.Swapping.P99Ms / pair.Steady.P99Ms), Figures.Ratio);
        text.Append(table).Append(CultureInfo.InvariantCulture,
            $"\np99 with swaps is {Figures.Ratio(result.Swapping.P99Ms / result.Steady.P99Ms)} of the p99 without; ")
            .Append(CultureInfo.InvariantCulture, $"of the stretches that follow each other: {ratios}. ")
            .Append(CultureInfo.InvariantCulture, $"Faults: {result.Faults.Count}.\n");
        return text.Append(Faults(result.Faults)).ToString();
    }

    private static string Render(StateResult result)
    {
        var text = Section("Modules: a large state", result.LoadAverage, $"""
            {Figures.Count(result.Entries)} entries that have another form in the second version, to it and back, under 8
            clients that read and write with pauses of 0-10 ms. In brackets: the longest in the 3 s before the swap. Goals:
            equal, no write lost or doubled.
            """);
        var table = new MarkdownTable(
            "swap", "whole ms", "copy ms", "writers frozen ms", "collector's pauses ms", "longest read ms", "longest write ms");
        foreach (var swap in result.Swaps)
        {
            table.Add(
                swap.Direction, Ms(swap.WholeMs), Ms(swap.CopyMs), Ms(swap.FreezeMs), Ms(swap.CollectorMs),
                $"{Ms(swap.ReadMs)} ({Ms(swap.SteadyReadMs)})",
                $"{Ms(swap.WriteMs)} ({Ms(swap.SteadyWriteMs)})");
        }

        var entries = result.EntriesAfter == result.Entries && result.IsEqual ? "all equal" : "NOT EQUAL";
        text.Append(table).Append(CultureInfo.InvariantCulture,
            $"\nEntries afterwards: {Figures.Count(result.EntriesAfter)}, {entries}. Writes acknowledged / found: ")
            .Append(CultureInfo.InvariantCulture,
                $"{Both(result.WritesAcknowledged, result.WritesFound)}. Faults: {result.Faults.Count}.\n");
        return text.Append(Faults(result.Faults)).ToString();
    }

    private static StringBuilder Section(string title, double load, string about) => new StringBuilder($"## {title}\n\n")
        .Append(about).Append(CultureInfo.InvariantCulture, $" Load average before: {Figures.Ratio(load)}.\n\n");

    private static string Faults(IReadOnlyList<string> faults) => faults.Count == 0
        ? ""
        : "\n" + string.Concat(faults.Distinct().Take(FaultsShown).Select(fault => $"- {fault}\n"));

    private static string Slope(ManySwapsResult result, Func<MemorySample, long> bytes) => Figures.Ratio(
        Spread.Slope([.. result.Memory.Select(sample => ((double)sample.Swap, (double)bytes(sample)))]) / 1024);

    private static string Phase(SwapTimesRow row, string phase) =>
        Ms(Figures.Median(row.Times.Select(time => time.PhasesMs.GetValueOrDefault(phase)))!.Value);

    private static double Median(SlotCostRow row, Func<CostPair, double> figure) =>
        Figures.Median(row.Pairs.Select(figure))!.Value;

    private static string Both(long first, long second) => $"{Figures.Count(first)} / {Figures.Count(second)}";

    private static string Between(IEnumerable<double> numbers, Func<double, string> text)
    {
        var spread = Spread.Of(numbers);
        return $"{text(spread.Median)} ({text(spread.Low)}-{text(spread.High)})";
    }

    private static string Whole(double number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Ms(double number) => Figures.Ms(number);
}
