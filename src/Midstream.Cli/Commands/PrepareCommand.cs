using System.CommandLine;
using Midstream.Cli.Operating;
using Midstream.Control.Operators;

namespace Midstream.Cli.Commands;

// `midstream prepare FOLDER`: starts and proves the folder's content without traffic, so that its deployment is only a switch.
internal static class PrepareCommand
{
    public static Command Create()
    {
        var folder = new Argument<string?>("folder")
        {
            Description = "The published application",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var cancel = new Option<bool>("--cancel") { Description = "End what is prepared" };
        var json = OperationCommand.JsonOption();
        var service = new ServiceOptions();
        var command = new Command("prepare", "Start a folder's content without traffic, for its deployment to switch to")
        {
            folder, cancel, json,
        };
        service.AddTo(command);
        command.SetAction(parsed => OperationCommand.Run(
            service, json, parsed, RequestOf(parsed.GetValue(folder), parsed.GetValue(cancel))));
        return command;
    }

    private static OperatorRequest RequestOf(string? folder, bool cancel) => (folder, cancel) switch
    {
        (null, true) => new DiscardRequest(),
        ({ } given, false) => new PrepareRequest(Path.GetFullPath(given)),
        _ => throw new CommandException(ExitCodes.Usage, "Give either a folder or --cancel."),
    };
}
