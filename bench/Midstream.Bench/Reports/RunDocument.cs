using System.Text;
using Midstream.Bench.Modules;
using Midstream.Bench.Steady;
using Midstream.Bench.Upgrades;

namespace Midstream.Bench.Reports;

/// <summary>A run as a document: on what it was made and how, then a table for each part.</summary>
internal static class RunDocument
{
    private const string Legend = """
        What the columns mean is in [bench/README.md](../README.md). Compare rows of one table with each other; times of another
        machine, or of another hour on a machine that others use, mean something else.
        """;

    /// <summary>Returns the document in Markdown.</summary>
    public static string Render(BenchRun run)
    {
        var text = new StringBuilder();
        text.Append($"# {run.Day:yyyy-MM-dd}, commit {run.Commit}\n\n{Legend}\n\n");
        text.Append($"- Machine: {run.Machine.Processor}, {run.Machine.Cores} processors, {run.Machine.MemoryMib:N0} MiB; ");
        text.Append($"Linux {run.Machine.Kernel}, {run.Machine.System}\n");
        foreach (var command in run.Commands)
            text.Append($"- Command: `{command}`\n");
        foreach (var series in run.Series)
            text.Append('\n').Append(SeriesTable.Render(series));
        if (run.Steady is { } steady)
            text.Append('\n').Append(SteadyTable.Render(steady));
        if (run.Modules is { } modules)
            text.Append('\n').Append(ModulesTable.Render(modules));
        return text.ToString();
    }
}
