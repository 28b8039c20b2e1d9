// One assignment of an environment, as execve(2) and posix_spawn(3) take it.

namespace Midstream.Linux;

internal static class EnvironmentVariable
{
    /// <summary>Writes NAME=value, and refuses a name that would become another variable.</summary>
    internal static string Write(KeyValuePair<string, string> variable) =>
        variable.Key.Length == 0 || variable.Key.Contains('=', StringComparison.Ordinal)
            ? throw new ArgumentException($"'{variable.Key}' cannot be the name of an environment variable.")
            : $"{variable.Key}={variable.Value}";
}
