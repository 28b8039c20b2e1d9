namespace Midstream.Releases;

// Whether a release's program would start behind a closed accept gate. Asked before it is started: a program without one takes
// traffic as soon as it listens.

/// <summary>Finds out whether a release can be started without taking traffic. Thread-safe.</summary>
public static class AcceptGate
{
    private const string HostingAssembly = "Midstream.Hosting.dll";

    /// <summary>Says why the program cannot have a gate.</summary>
    /// <param name="folder">The release's folder.</param>
    /// <param name="command">The command the operator gave; null or empty for the folder's entry point.</param>
    /// <param name="inject">Whether Midstream.Hosting is loaded into programs that it fits.</param>
    /// <returns>A sentence for the operator; null when it may have one.</returns>
    /// <exception cref="EntryPointException">There is nothing to start in the folder.</exception>
    public static string? FindFault(string folder, IReadOnlyList<string>? command, bool inject)
    {
        var entry = ApplicationEntryPoint.Find(folder, command);
        if (File.Exists(Path.Combine(folder, HostingAssembly)))
            return null;
        if (!RuntimeConfig.FilesIn(folder).Any())
            return $"'{string.Join(' ', entry.Command)}' is no .NET application, and accepts as soon as it listens";
        if (!inject)
            return "\"inject\" is false, and the application does not bring Midstream.Hosting itself";
        return entry.Injection.Reason;
    }
}
