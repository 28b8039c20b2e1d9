using System.CommandLine;
using Midstream.Supervisor.Succession;

namespace Midstream.Cli.Commands;

// `midstream guard`: what a supervisor starts beside itself while it becomes another program. Not for people.
internal static class GuardCommand
{
    public static Command Create()
    {
        var arguments = new Argument<string[]>("arguments") { Arity = ArgumentArity.OneOrMore };
        var command = new Command(Guard.Command, "Stand by while a supervisor becomes another program") { arguments };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            Guard.RunAsync(parsed.GetValue(arguments)!).GetAwaiter().GetResult();
            return ExitCodes.Success;
        });
        return command;
    }
}
