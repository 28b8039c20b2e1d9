using System.CommandLine;
using Midstream.Cli.Operating;
using Midstream.Control.Operators;

namespace Midstream.Cli.Commands;

// `midstream stop`: stops the service and its supervisor, and waits until the workers are gone.
internal static class StopCommand
{
    public static Command Create()
    {
        var graceful = new Option<bool>("--graceful")
        {
            Description = "Let clients go as their protocol announces, for as long as a drain may last",
        };
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command("stop", "Stop the service and its supervisor") { graceful, json };
        service.AddTo(command);
        command.SetAction(parsed => OperationCommand.Run(service, json, parsed, new StopRequest(parsed.GetValue(graceful))));
        return command;
    }
}
