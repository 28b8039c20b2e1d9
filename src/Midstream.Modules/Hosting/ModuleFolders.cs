namespace Midstream.Modules.Hosting;

/// <summary>Where the host keeps what has to survive it.</summary>
internal static class ModuleFolders
{
    public static string DefaultData(string application)
    {
        var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        return Path.Combine(state, "midstream-modules", application);
    }

    public static string Packages(string data) => Path.Combine(data, "packages");
}
