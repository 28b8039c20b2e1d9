using System.CommandLine;
using Midstream.Cli;
using Midstream.Cli.Commands;
using Midstream.Cli.Operating;

// The `midstream` program: one file a command in Commands/, put together here.
var root = new RootCommand("Hot updates for .NET web services: replaces what runs while it serves")
{
    RunCommand.Create(),
    DeployCommand.Create(),
    PrepareCommand.Create(),
    StatusCommand.Create(),
    RollbackCommand.Create(),
    ModuleCommand.Create(),
    WatchCommand.Create(),
    ReleasesCommand.Create(),
    ReloadCommand.Create(),
    ScaleCommand.Create(),
    PauseCommand.Create(),
    ResumeCommand.Create(),
    ReopenLogsCommand.Create(),
    UpgradeCommand.Create(),
    StopCommand.Create(),
    LogsCommand.Create(),
    ProveCommand.Create(),
    InstallUnitCommand.Create(),
    CompletionCommand.Create(),
    VersionCommand.Create(),
    GuardCommand.Create(),
};

try
{
    var parsed = root.Parse(args);
    if (MistakenOption.Find(parsed) is { } mistaken)
        throw new CommandException(
            ExitCodes.Usage,
            $"There is no option '{mistaken}'. 'midstream {parsed.CommandResult.Command.Name} --help' lists those there are.");
    var code = parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    // The library says 1 for a command line it cannot read; every command here says 2.
    return parsed.Errors.Count > 0 ? ExitCodes.Usage : code;
}
catch (CommandException cannot)
{
    Console.Error.WriteLine($"midstream: {cannot.Message}");
    return cannot.ExitCode;
}
