using System.CommandLine;
using System.Text;
using Midstream.Cli.Operating;
using Midstream.Core.Configuration;
using Midstream.Linux;
using Midstream.Supervisor.Systemd;

namespace Midstream.Cli.Commands;

// `midstream install-unit [FOLDER]`: writes the systemd unit of a service. It starts and enables nothing.
internal sealed class InstallUnitCommand
{
    private const string DefaultConfiguration = "midstream.json";

    private const UnixFileMode WorldReadable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly Argument<string?> _folder = new("folder")
    {
        Description = "The first release (default: what served last)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _config = new("--config", "-c")
    {
        Description = $"The configuration (default: {DefaultConfiguration} in this folder, if there is one)",
        HelpName = "FILE",
    };

    private readonly Option<bool> _user = new("--user") { Description = "For the user's own service manager" };

    private readonly Option<string?> _runAs = new("--run-as")
    {
        Description = "The user the supervisor runs as (default: root, or with --user oneself)",
        HelpName = "USER",
    };

    private readonly Option<bool> _print = new("--print") { Description = "Print the unit and write nothing" };
    private readonly ServiceOptions _service = new();

    private InstallUnitCommand()
    {
    }

    public static Command Create()
    {
        var self = new InstallUnitCommand();
        var command = new Command("install-unit", "Write a systemd unit for a service")
        {
            self._folder, self._config, self._user, self._runAs, self._print,
        };
        self._service.AddTo(command);
        command.SetAction(self.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var unit = Describe(parsed);
        if (parsed.GetValue(_print))
            Console.Write(unit.Write());
        else
            Install(unit);
        return ExitCodes.Success;
    }

    private ServiceUnit Describe(ParseResult parsed)
    {
        var isForUser = parsed.GetValue(_user);
        var runAs = parsed.GetValue(_runAs);
        if (runAs is not null && isForUser)
            throw new CommandException(ExitCodes.Usage, "A user's own service manager runs as that user: leave --run-as out.");
        if (runAs is not null && Users.TryFind(runAs) is null)
            throw new CommandException(ExitCodes.Usage, $"There is no user '{runAs}'; create it (useradd --system {runAs}).");
        var configuration = ConfigurationIn(parsed);
        var model = ReadModel(parsed, configuration);
        return new ServiceUnit
        {
            Service = model.Name,
            Program = Environment.ProcessPath!,
            Folder = FolderIn(parsed),
            Configuration = configuration,
            StateRoot = _service.StateIn(parsed),
            User = runAs,
            IsForUserManager = isForUser,
            SystemdVersion = SystemdFolders.FindVersion(),
            Model = model,
        };
    }

    private static void Install(ServiceUnit unit)
    {
        var folder = SystemdFolders.ForUnits(unit.IsForUserManager, Environment.GetEnvironmentVariable);
        var path = Path.Combine(folder, unit.FileName);
        try
        {
            if (File.Exists(path) && !File.ReadAllText(path).StartsWith(ServiceUnit.Mark, StringComparison.Ordinal))
                throw new CommandException(
                    ExitCodes.Usage, $"{path} was not written by this command; it was left alone. Move it away first.");
            Directory.CreateDirectory(folder);
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(unit.Write()), WorldReadable);
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                ExitCodes.Failed, $"{path} cannot be written: {denied.Message} Run as root, or use --user or --print.");
        }

        var manager = unit.IsForUserManager ? "systemctl --user" : "systemctl";
        Console.WriteLine($"Wrote {path}. Next: {manager} daemon-reload && {manager} enable --now {unit.FileName}");
    }

    private string? FolderIn(ParseResult parsed)
    {
        if (parsed.GetValue(_folder) is not { } folder)
            return null;
        var path = Path.GetFullPath(folder);
        return Directory.Exists(path) ? path : throw new CommandException(ExitCodes.Usage, $"There is no folder {path}.");
    }

    private string? ConfigurationIn(ParseResult parsed) => parsed.GetValue(_config) is { } given
        ? Path.GetFullPath(given)
        : File.Exists(DefaultConfiguration) ? Path.GetFullPath(DefaultConfiguration) : null;

    /// <summary>Reads the configuration as `run` will, so that a unit is not written that cannot start.</summary>
    private ServiceModel ReadModel(ParseResult parsed, string? path)
    {
        ServiceConfig? config = null;
        if (path is not null)
        {
            var read = ServiceConfigReader.Read(ReadFile(path), Path.GetFileName(path));
            config = read.Config ?? throw Wrong(read.Errors);
        }

        var built = ServiceModelBuilder.Build(config, new CommandLineOverrides
        {
            Name = _service.NameIn(parsed),
            DefaultName = FolderIn(parsed) is { } folder ? ServiceName.FromFolder(folder) : null,
        });
        return built.Model ?? throw Wrong(built.Errors);
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
