using System.CommandLine;
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
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what is written from now on, until Ctrl-C" };
        var json = new Option<bool>("--json") { Description = "Print each line as a JSON object: at, generation, text" };
        var service = new ServiceOptions();
        var command = new Command("logs", "Show what the workers wrote") { lines, follow, json };
        service.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
            RunAsync(
                service.Find(parsed).WorkerLog,
                parsed.GetValue(lines),
                parsed.GetValue(follow),
                PrinterFor(parsed.GetValue(json)),
                cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        string path, int lines, bool follow, Action<string> print, CancellationToken cancellationToken)
    {
        if (lines < 0)
            throw new CommandException(ExitCodes.Usage, "--lines takes a number from 0.");
        var tail = new LogTail(path);
        foreach (var line in tail.ReadLast(lines))
            print(line);
        if (follow)
            await tail.FollowAsync(print, cancellationToken);
        return ExitCodes.Success;
    }

    private static Action<string> PrinterFor(bool json) =>
        json ? line => Console.WriteLine(LogLine.Parse(line).ToJson()) : Console.WriteLine;
}
