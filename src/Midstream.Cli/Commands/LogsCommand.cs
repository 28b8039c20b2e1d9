using System.CommandLine;
using System.Text;
using Midstream.Cli.Operating;

namespace Midstream.Cli.Commands;

// `midstream logs`: what the workers wrote. Read from the files, so that it works when the supervisor does not.
internal static class LogsCommand
{
    private const int DefaultLines = 50;

    public static Command Create()
    {
        var lines = new Option<int>("--lines")
        {
            Description = "How many of the last lines",
            HelpName = "N",
            DefaultValueFactory = _ => DefaultLines,
        };
        lines.Within(0, int.MaxValue);
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what is written from now on, until Ctrl-C" };
        var generation = new Option<long?>("--generation") { Description = "Only lines of this generation", HelpName = "N" };
        var worker = new Option<int?>("--worker") { Description = "Only lines of each generation's worker N", HelpName = "N" };
        var json = new Option<bool>("--json")
        {
            Description = "Print each line as a JSON object: at, generation, worker, text",
        };
        var service = new ServiceOptions();
        var command = new Command("logs", "Show what the workers wrote") { lines, follow, generation, worker, json };
        service.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(
                new LogTail(
                    service.Find(parsed).WorkerLog, FilterFor(parsed.GetValue(generation), parsed.GetValue(worker))),
                parsed.GetValue(lines),
                parsed.GetValue(follow),
                PrinterFor(parsed.GetValue(json)),
                cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        LogTail tail, int lines, bool follow, Action<IReadOnlyList<string>> print, CancellationToken cancellationToken)
    {
        using (tail)
        {
            if (lines < 0)
                throw new CommandException(ExitCodes.Usage, "--lines takes a number from 0.");
            print(tail.ReadLast(lines));
            if (follow)
                await tail.FollowAsync(print, cancellationToken);
            return ExitCodes.Success;
        }
    }

    // Lines that say what is missing concern everybody.
    private static Func<string, bool>? FilterFor(long? generation, int? worker) =>
        generation is null && worker is null
            ? null
            : line => LogLine.Parse(line) is var parts
                && (parts.IsOwn || ((generation ?? parts.Generation) == parts.Generation
                    && (worker ?? parts.Worker) == parts.Worker && parts.Generation is not null));

    // One write for many lines: the terminal is slower than the log.
    private static Action<IReadOnlyList<string>> PrinterFor(bool json) => lines =>
    {
        var text = new StringBuilder();
        foreach (var line in lines)
            text.AppendLine(json ? LogLine.Parse(line).ToJson() : line);
        Console.Out.Write(text);
    };
}
