using System.Text.Json;

namespace Midstream.Releases;

// Finds the one program of a release. It refuses rather than guesses: starting the wrong program under load is worse
// than asking.

/// <summary>Finds out what to start in a release's folder. Thread-safe; reads the folder's top level only.</summary>
public static class ApplicationEntryPoint
{
    private const string CommandAdvice = "say which program to start with '-- COMMAND'";

    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Finds the command of a release and whether Midstream.Hosting can be loaded into it.</summary>
    /// <param name="folder">The release's folder.</param>
    /// <param name="command">The command the operator gave, used as it is; null or empty to look in the folder. Without it a
    /// `X.runtimeconfig.json` gives `dotnet X.dll`, or `./X` when the application is self-contained or has no `X.dll`; a
    /// folder without one gives its only executable file. Libraries, debug symbols and .NET's own `createdump` are not
    /// programs, even when executable.</param>
    /// <returns>The command and the fit.</returns>
    /// <exception cref="EntryPointException">The folder holds no program, or several, or one that cannot be started.</exception>
    public static EntryPoint Find(string folder, IReadOnlyList<string>? command)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        try
        {
            var configs = RuntimeConfig.FilesIn(folder).ToList();
            if (command is { Count: > 0 })
                return new EntryPoint([.. command], InjectionJudge.Judge(ConfigsMeantBy(command, configs)));
            return configs.Count == 0 ? OnlyExecutable(folder) : OnlyApplication(folder, configs);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EntryPointException(
                $"The folder '{folder}' cannot be read ({error.Message}). Check that it exists and may be read.", error);
        }
    }

    // A command that names one of several applications is judged by that application alone.
    private static List<string> ConfigsMeantBy(IReadOnlyList<string> command, List<string> configs)
    {
        var words = command.Select(Path.GetFileName).ToHashSet(StringComparer.Ordinal);
        var meant = configs.FindAll(path => words.Contains(ApplicationOf(path)) || words.Contains(ApplicationOf(path) + ".dll"));
        return meant.Count > 0 ? meant : configs;
    }

    private static EntryPoint OnlyApplication(string folder, List<string> configs)
    {
        if (configs.Count > 1)
            throw Several(folder, "applications", configs.Select(ApplicationOf));
        var config = ReadConfig(configs[0]);
        var library = config.Application + ".dll";
        string[] command = !config.SelfContained && File.Exists(Path.Combine(folder, library))
            ? ["dotnet", library]
            : ["./" + RequireExecutable(folder, config)];
        return new EntryPoint(command, InjectionJudge.Judge(configs));
    }

    private static RuntimeConfig ReadConfig(string path)
    {
        try
        {
            return RuntimeConfig.Read(path);
        }
        catch (JsonException error)
        {
            throw new EntryPointException(
                $"'{path}' is not a runtime configuration ({error.Message}). Publish the application again, or {CommandAdvice}.",
                error);
        }
    }

    private static string RequireExecutable(string folder, RuntimeConfig config)
    {
        var program = Path.Combine(folder, config.Application);
        if (!File.Exists(program))
        {
            var name = config.Application;
            var wanted = config.SelfContained ? $"'{name}'" : $"'{name}.dll' or '{name}'";
            throw new EntryPointException(
                $"'{config.FileName}' in '{folder}' promises {wanted}, which is missing. " +
                $"Publish the application again, or {CommandAdvice}.");
        }
        if ((File.GetUnixFileMode(program) & AnyExecute) == 0)
            throw new EntryPointException($"'{program}' is not executable. Run 'chmod +x' on it and deploy again.");
        return config.Application;
    }

    private static EntryPoint OnlyExecutable(string folder)
    {
        var programs = new DirectoryInfo(folder).EnumerateFiles().Where(IsProgram)
            .Select(file => file.Name).Order(StringComparer.Ordinal).ToList();
        return programs switch
        {
            [var only] => new EntryPoint(["./" + only], InjectionFit.Possible),
            [] => throw new EntryPointException(
                $"There is no program in '{folder}': neither a '*.runtimeconfig.json' nor an executable file in its top level. " +
                $"Give the folder that 'dotnet publish' wrote, make the program executable with 'chmod +x', or {CommandAdvice}."),
            _ => throw Several(folder, "executable files", programs),
        };
    }

    private static bool IsProgram(FileInfo file) =>
        file.LinkTarget is null
        && (file.UnixFileMode & AnyExecute) != 0
        && file.Name != "createdump"
        && file.Extension is not (".so" or ".dll" or ".dbg" or ".pdb")
        && !file.Name.Contains(".so.", StringComparison.Ordinal);

    private static EntryPointException Several(string folder, string kind, IEnumerable<string> names) =>
        new($"There are several {kind} in '{folder}': {string.Join(", ", names)}. To choose one, {CommandAdvice}.");

    private static string ApplicationOf(string configPath) => Path.GetFileName(configPath)[..^".runtimeconfig.json".Length];
}
