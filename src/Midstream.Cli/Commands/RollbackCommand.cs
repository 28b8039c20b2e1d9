using System.CommandLine;
using Midstream.Cli.Operating;
using Midstream.Control.Operators;

namespace Midstream.Cli.Commands;

// `midstream rollback [RELEASE]`: goes back to a release in the store, by default the one before the current.
internal static class RollbackCommand
{
    public static Command Create()
    {
        var release = new Argument<string?>("release")
        {
            Description = "A release's id or its beginning (default: the one before the current)",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command("rollback", "Go back to an earlier release") { release, json };
        service.AddTo(command);
        command.SetAction(parsed => OperationCommand.Run(service, json, parsed, new RollbackRequest(parsed.GetValue(release))));
        return command;
    }
}
