// Finds the program a command names before anything is started, so that the error names the program and where it was looked for.

using Midstream.Linux.Native;

namespace Midstream.Linux;

internal static class ExecutablePath
{
    /// <summary>Resolves a command's first word to the absolute path of an executable file.</summary>
    internal static string Resolve(SpawnRequest request)
    {
        var program = request.Command[0];
        if (program.Contains('/', StringComparison.Ordinal))
            return Require(Path.Combine(request.WorkingDirectory, program));
        // An empty entry of PATH means the working directory (environ(7)).
        var folders = request.Environment.GetValueOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin").Split(':');
        var candidates = folders.Select(folder => Path.Combine(request.WorkingDirectory, folder, program)).ToList();
        return candidates.Find(IsExecutable)
            ?? (candidates.Find(File.Exists) is { } unusable ? Require(unusable) : throw NotFound(program, folders));
    }

    private static LinuxException NotFound(string program, string[] folders) => new(
        Errno.ENOENT, "execve", $"The program {program} was not found in PATH ({string.Join(':', folders)})");

    private static string Require(string path)
    {
        if (Directory.Exists(path))
            throw new LinuxException(Errno.EACCES, "execve", $"The program {path} is a directory");
        if (!File.Exists(path))
            throw new LinuxException(Errno.ENOENT, "execve", $"The program {path} was not found");
        return IsExecutable(path)
            ? path
            : throw new LinuxException(Errno.EACCES, "execve", $"The program {path} is not executable; chmod +x it");
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && Libc.access(path, Abi.X_OK) == 0;
}
