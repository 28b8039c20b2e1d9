// What posix_spawn(3) cannot do is done by a shell that then becomes the program: the pid stays, and no other process is left.

using System.Globalization;
using System.Text;

namespace Midstream.Linux;

internal static class SpawnShim
{
    internal const string Shell = "/bin/sh";

    private static readonly string[] s_folders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

    internal static bool IsNeededFor(SpawnRequest request) =>
        request.ExportListenPid || request.OpenFilesMax is not null || request.Nice is not null || request.Umask is not null
        || SpawnIdentity.Of(request) is { IsOurs: false };

    /// <summary>Writes the shell's arguments. Nothing a user wrote is read as shell: numbers alone get into the script.</summary>
    internal static IReadOnlyList<string> ArgumentsFor(SpawnRequest request, string program) =>
    [
        "sh", "-c", ScriptFor(request), "sh",
        .. SpawnIdentity.Of(request) is { IsOurs: false } identity ? identity.Command(Tool("setpriv")!) : [],
        .. ThroughEnv(request), program, .. request.Command.Skip(1),
    ];

    /// <summary>Finds a tool where systems keep them; the child's own PATH may be anything.</summary>
    internal static string? Tool(string name) =>
        s_folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static string ScriptFor(SpawnRequest request)
    {
        // Each failure is said on the standard error and ends with 126, as of a program that cannot be executed.
        var script = new StringBuilder();
        if (request.Umask is { } umask)
            script.Append(CultureInfo.InvariantCulture, $"umask {Convert.ToString((int)umask, 8).PadLeft(4, '0')} || exit 126; ");
        if (request.OpenFilesMax is { } files)
            script.Append(CultureInfo.InvariantCulture, $"ulimit -n {files} || exit 126; ");
        if (request.Nice is { } nice)
        {
            script.Append(
                CultureInfo.InvariantCulture,
                $"{Tool("renice")} --priority {nice} --pid $$ > /dev/null || exit 126; ");
        }

        if (request.ExportListenPid)
            script.Append("export LISTEN_PID=$$; ");
        return script.Append("exec \"$@\"").ToString();
    }

    /// <summary>Passes on the variables that some shells drop: those whose names are no shell identifiers.</summary>
    private static string[] ThroughEnv(SpawnRequest request)
    {
        var dropped = request.Environment.Where(variable => !IsIdentifier(variable.Key)).ToList();
        return dropped.Count == 0 ? [] : ["/usr/bin/env", .. dropped.Select(variable => $"{variable.Key}={variable.Value}")];
    }

    private static bool IsIdentifier(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');
}
