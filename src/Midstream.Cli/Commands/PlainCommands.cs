using System.CommandLine;
using Midstream.Cli.Operating;
using Midstream.Control.Operators;

namespace Midstream.Cli.Commands;

// The commands that have nothing to say but their name: `midstream reload`, `pause`, `resume`, `reopen-logs`.
internal static class PlainCommands
{
    public static IEnumerable<Command> Create() =>
    [
        Create("reload", "Read midstream.json again and replace the workers", new ReloadRequest()),
        Create("pause", "Accept nothing more; clients wait in the kernel's queue", new PauseRequest()),
        Create("resume", "Take a pause back", new ResumeRequest()),
        Create("reopen-logs", "Open the log's file anew, after it was moved away", new ReopenLogsRequest()),
    ];

    private static Command Create(string name, string description, OperatorRequest request)
    {
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command(name, description) { json };
        service.AddTo(command);
        command.SetAction(parsed => OperationCommand.Run(service, json, parsed, request));
        return command;
    }
}
