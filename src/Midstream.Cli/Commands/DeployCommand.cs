using System.CommandLine;
using Midstream.Cli.Operating;
using Midstream.Control.Operators;

namespace Midstream.Cli.Commands;

// `midstream deploy FOLDER`: puts the folder's content in the place of what runs, and waits for the result.
internal static class DeployCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "The published application" };
        var again = new Option<bool>("--again") { Description = "Start a new generation also of the release that runs already" };
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command("deploy", "Replace what runs by the content of a folder") { folder, again, json };
        service.AddTo(command);
        command.SetAction(parsed => OperationCommand.Run(
            service, json, parsed, new DeployRequest(Path.GetFullPath(parsed.GetRequiredValue(folder)), parsed.GetValue(again))));
        return command;
    }
}
