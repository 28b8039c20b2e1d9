using System.CommandLine;
using Midstream.Cli.Operating;
using Midstream.Control.Operators;

namespace Midstream.Cli.Commands;

// `midstream pause`: the workers accept nothing more.
internal static class PauseCommand
{
    public static Command Create()
    {
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command("pause", "Accept nothing more; clients wait in the kernel's queue") { json };
        service.AddTo(command);
        command.SetAction(parsed => OperationCommand.Run(service, json, parsed, new PauseRequest()));
        return command;
    }
}
