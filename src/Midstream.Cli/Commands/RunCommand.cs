using System.CommandLine;
using Midstream.Cli.Operating;
using Midstream.Cli.Terminal;
using Midstream.Core.Configuration;
using Midstream.Supervisor;

namespace Midstream.Cli.Commands;

// `midstream run [FOLDER] [-- COMMAND...]`: the supervisor, in the foreground.
internal sealed class RunCommand
{
    private const string DefaultConfiguration = "midstream.json";

    private readonly Argument<string?> _folder = new("folder")
    {
        Description = "The first release (default: what served last)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Argument<string[]> _command = new("command")
    {
        Description = "After --: what starts a release, inside its own copy (default: its entry point is found)",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _config = new("--config", "-c")
    {
        Description = $"The configuration (default: {DefaultConfiguration} in this folder, if there is one)",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _listen = new("--listen", "-l")
    {
        Description = "An address: http://127.0.0.1:5000, http://[::1]:5000, http://*:80, unix:/run/app.sock; may be " +
            "given more than once",
        HelpName = "URL",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _pidFile = new("--pid-file")
    {
        Description = "Write the supervisor's process id to this file while the service runs",
        HelpName = "FILE",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Report events as JSON lines on standard error" };
    private readonly ServiceOptions _service = new();

    private RunCommand()
    {
    }

    public static Command Create()
    {
        var self = new RunCommand();
        var command = new Command("run", "Run a service under a supervisor, in the foreground")
        {
            self._folder, self._command, self._config, self._listen, self._pidFile, self._json,
        };
        self._service.AddTo(command);
        command.SetAction(parsed => self.Run(parsed));
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var options = new SupervisorOptions
        {
            Service = ReadModel(parsed),
            ReadConfiguration = () => ReadModelAgain(parsed),
            StateRoot = _service.RootIn(parsed),
            Folder = FolderIn(parsed) is { } folder ? Path.GetFullPath(folder) : null,
            InputIsTerminal = !Console.IsInputRedirected,
        };
        try
        {
            if (SupervisorRun.IsTryOut)
            {
                Console.Out.WriteLine(SupervisorRun.TryTakingOver(options));
                return ExitCodes.Success;
            }

            SupervisorRun.RunAsync(
                options, new RunReport(parsed.GetValue(_json), Paint.ForStandardError())).GetAwaiter().GetResult();
            return ExitCodes.Success;
        }
        catch (SupervisorException cannot)
        {
            throw new CommandException(ExitCodeOf(cannot.Failure), cannot.Message);
        }
    }

    private static int ExitCodeOf(SupervisorFailure failure) => failure switch
    {
        SupervisorFailure.AlreadyRunning => ExitCodes.Busy,
        SupervisorFailure.NoRelease => ExitCodes.Usage,
        SupervisorFailure.FirstStartFailed => ExitCodes.Down,
        _ => ExitCodes.Failed,
    };

    // Both arguments are filled from the left; what stands behind "--" is the command even where no folder stands before it.
    private string? FolderIn(ParseResult parsed) => CommandStartsAt(parsed) == 0 ? null : parsed.GetValue(_folder);

    // Path.GetFullPath refuses the empty path and keeps the slash at the end of a folder's, which the builder refuses.
    private string? PidFileIn(ParseResult parsed) => parsed.GetValue(_pidFile) switch
    {
        null => null,
        "" => "",
        var file => Path.GetFullPath(file),
    };

    private IReadOnlyList<string>? CommandIn(ParseResult parsed)
    {
        var all = Words(parsed);
        var start = CommandStartsAt(parsed);
        return start >= all.Count ? null : [.. all.Skip(start)];
    }

    private List<string> Words(ParseResult parsed) =>
        [.. ((string?[])[parsed.GetValue(_folder)]).OfType<string>(), .. parsed.GetValue(_command) ?? []];

    private int CommandStartsAt(ParseResult parsed)
    {
        var words = Words(parsed);
        var tokens = parsed.Tokens.Select(token => token.Value).ToList();
        var dashes = parsed.Tokens.ToList().FindIndex(token => token.Type == System.CommandLine.Parsing.TokenType.DoubleDash);
        if (dashes < 0)
            return words.Count <= 1 ? words.Count : throw new CommandException(
                ExitCodes.Usage, $"'{words[1]}' is one word too many. A command stands behind --: midstream run FOLDER -- " +
                    $"{string.Join(' ', words.Skip(1))}");
        return words.Count - (tokens.Count - dashes - 1);
    }

    private ServiceModel ReadModel(ParseResult parsed)
    {
        var path = parsed.GetValue(_config) ?? (File.Exists(DefaultConfiguration) ? DefaultConfiguration : null);
        ServiceConfig? config = null;
        if (path is not null)
        {
            var read = ServiceConfigReader.Read(ReadFile(path), Path.GetFileName(path));
            if (read.Errors.Count > 0)
                throw Wrong(read.Errors);
            config = read.Config;
        }

        var built = ServiceModelBuilder.Build(config, new CommandLineOverrides
        {
            Name = _service.NameIn(parsed),
            DefaultName = FolderIn(parsed) is { } folder ? ServiceName.FromFolder(Path.GetFullPath(folder)) : null,
            Listen = parsed.GetValue(_listen) ?? [],
            Command = CommandIn(parsed),
            PidFile = PidFileIn(parsed),
        });
        return built.Model ?? throw Wrong(built.Errors);
    }

    private ServiceModel ReadModelAgain(ParseResult parsed)
    {
        try
        {
            return ReadModel(parsed);
        }
        catch (CommandException invalid)
        {
            throw new SupervisorException(SupervisorFailure.ConfigurationInvalid, invalid.Message, invalid);
        }
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.Usage, $"The configuration {path} cannot be read: {unreadable.Message}");
        }
    }

    private static CommandException Wrong(IReadOnlyList<ConfigError> errors) =>
        new(ExitCodes.Usage, string.Join("\nmidstream: ", errors.Select(error => error.ToString())));
}
