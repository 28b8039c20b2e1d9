using System.CommandLine;
using Midstream.Cli.Operating;
using Midstream.Control.Operators;

namespace Midstream.Cli.Commands;

// `midstream reload`: the configuration holds anew, and every worker is replaced.
internal static class ReloadCommand
{
    public static Command Create()
    {
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command("reload", "Read midstream.json again and replace the workers") { json };
        service.AddTo(command);
        command.SetAction(parsed => OperationCommand.Run(service, json, parsed, new ReloadRequest()));
        return command;
    }
}
