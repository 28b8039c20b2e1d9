namespace Midstream.Supervisor.State;

/// <summary>
/// Where services keep their state, and which of them a command without <c>--name</c> means.
/// </summary>
public static class StateRoot
{
    /// <summary>The environment variable that names the root when no option does.</summary>
    public const string VariableName = "MIDSTREAM_STATE";

    /// <summary>Gets the root: the option, else <see cref="VariableName"/>, else <c>/var/lib/midstream</c> for root, else
    /// <c>$XDG_STATE_HOME/midstream</c>, else <c>~/.local/state/midstream</c> (XDG Base Directory Specification).</summary>
    /// <param name="option">What the command line says; null when it says nothing.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="isRoot">Whether the caller is the superuser.</param>
    /// <returns>An absolute path; it need not exist.</returns>
    public static string Find(string? option, Func<string, string?> environment, bool isRoot)
    {
        var given = NotEmpty(option) ?? NotEmpty(environment(VariableName));
        if (given is not null)
            return Path.GetFullPath(given);
        if (isRoot)
            return "/var/lib/midstream";
        var home = Absolute(environment("HOME")) ?? "/tmp";
        var stateHome = Absolute(environment("XDG_STATE_HOME")) ?? Path.Combine(home, ".local", "state");
        return Path.Combine(stateHome, "midstream");
    }

    /// <summary>Lists the services that have state under a root.</summary>
    /// <param name="root">The root.</param>
    /// <returns>Their names, sorted; empty when there is no such directory.</returns>
    public static IReadOnlyList<string> Services(string root)
    {
        if (!Directory.Exists(root))
            return [];
        return [.. Directory.EnumerateDirectories(root)
            .Where(folder => File.Exists(Path.Combine(folder, ServiceDirectory.StateFileName)))
            .Select(folder => Path.GetFileName(folder))
            .Order(StringComparer.Ordinal)];
    }

    // The specification: a relative path is invalid and to be ignored.
    private static string? Absolute(string? path) => Path.IsPathRooted(path) ? path : null;

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
