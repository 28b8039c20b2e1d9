using System.CommandLine;
using Midstream.Linux;
using Midstream.Supervisor.State;

namespace Midstream.Cli.Operating;

/// <summary>The options by which a command says which service it means, and how they are resolved.</summary>
internal sealed class ServiceOptions
{
    private readonly Option<string?> _name = new("--name", "-n")
    {
        Description = "The service; not needed when there is only one",
        HelpName = "NAME",
    };

    private readonly Option<string?> _state = new("--state")
    {
        Description = $"Where services keep their state (default: ${StateRoot.VariableName}, else /var/lib/midstream for " +
            "root, else ~/.local/state/midstream)",
        HelpName = "DIR",
    };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    public void AddTo(Command command)
    {
        command.Options.Add(_name);
        command.Options.Add(_state);
    }

    /// <summary>Gets the service's name, when the command line has it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <returns>The name; null when there is none.</returns>
    public string? NameIn(ParseResult parsed) => parsed.GetValue(_name);

    /// <summary>Gets the root of all state, when the command line has it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <returns>An absolute path; null when there is none.</returns>
    public string? StateIn(ParseResult parsed) =>
        parsed.GetValue(_state) is { Length: > 0 } state ? Path.GetFullPath(state) : null;

    /// <summary>Gets the root of all state.</summary>
    /// <param name="parsed">The command line.</param>
    /// <returns>An absolute path.</returns>
    public string RootIn(ParseResult parsed) =>
        StateRoot.Find(parsed.GetValue(_state), Environment.GetEnvironmentVariable, ProcessOwner.IsRoot);

    /// <summary>Finds the service that is meant.</summary>
    /// <param name="parsed">The command line.</param>
    /// <returns>Its state directory.</returns>
    /// <exception cref="CommandException">There is none of that name, or more than one and no name.</exception>
    public ServiceDirectory Find(ParseResult parsed)
    {
        var root = RootIn(parsed);
        var known = StateRoot.Services(root);
        if (NameIn(parsed) is { } name)
            return known.Contains(name)
                ? new ServiceDirectory(root, name) : throw None($"There is no service '{name}' under {root}", known);
        return known.Count switch
        {
            1 => new ServiceDirectory(root, known[0]),
            0 => throw None($"There is no service under {root}", known),
            _ => throw new CommandException(ExitCodes.Usage, $"There are several services under {root}: " +
                $"{string.Join(", ", known)}. Say which with --name."),
        };
    }

    private static CommandException None(string what, IReadOnlyList<string> known) => new(
        ExitCodes.NoSupervisor,
        known.Count == 0
            ? $"{what}. Start one with 'midstream run FOLDER', or say where its state is with --state."
            : $"{what}; there are: {string.Join(", ", known)}.");
}
