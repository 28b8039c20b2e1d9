using System.CommandLine;
using Midstream.Cli.Operating;
using Midstream.Control.Operators;

namespace Midstream.Cli.Commands;

// `midstream upgrade [PROGRAM]`: replaces the supervisor's own program in place, and waits until the new one is in charge.
internal static class UpgradeCommand
{
    public static Command Create()
    {
        var program = new Argument<string?>("program")
        {
            Description = "The new program (default: the one at the path that the supervisor was started from)",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command("upgrade", "Replace the supervisor's own program while the service runs") { program, json };
        service.AddTo(command);
        command.SetAction(parsed => OperationCommand.Run(
            service,
            json,
            parsed,
            new UpgradeRequest(parsed.GetValue(program) is { } path ? Path.GetFullPath(path) : null)));
        return command;
    }
}
