using System.CommandLine;
using Midstream.Cli.Operating;
using Midstream.Control.Operators;

namespace Midstream.Cli.Commands;

// `midstream scale N`: more or fewer workers, while they serve.
internal static class ScaleCommand
{
    public static Command Create()
    {
        var count = new Argument<int>("workers") { Description = "The number of workers there are to be: 1 to 1024" };
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command("scale", "Change the number of workers while they serve") { count, json };
        service.AddTo(command);
        command.SetAction(parsed => OperationCommand.Run(service, json, parsed, new ScaleRequest(parsed.GetValue(count))));
        return command;
    }
}
