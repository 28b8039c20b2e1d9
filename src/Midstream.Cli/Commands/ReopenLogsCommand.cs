using System.CommandLine;
using Midstream.Cli.Operating;
using Midstream.Control.Operators;

namespace Midstream.Cli.Commands;

// `midstream reopen-logs`: for who has moved the log's file away.
internal static class ReopenLogsCommand
{
    public static Command Create()
    {
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command("reopen-logs", "Open the log's file anew, after it was moved away") { json };
        service.AddTo(command);
        command.SetAction(parsed => OperationCommand.Run(service, json, parsed, new ReopenLogsRequest()));
        return command;
    }
}
