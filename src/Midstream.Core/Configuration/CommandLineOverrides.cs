// What the command line says about a service; it wins over the file.

namespace Midstream.Core.Configuration;

/// <summary>Holds the options of the command line that replace those of the file.</summary>
public sealed record CommandLineOverrides
{
    /// <summary>The service's name; null when not given.</summary>
    public string? Name { get; init; }

    /// <summary>The listen URLs; when there are any, they replace all of the file's. Default empty.</summary>
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary>The worker's program and arguments; null when not given.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>The absolute path of the file that holds the supervisor's process id; null when not given.</summary>
    public string? PidFile { get; init; }

    /// <summary>How many workers serve: 1 to 1024, or "auto" for one per processor; null when not given.</summary>
    public string? Workers { get; init; }

    /// <summary>
    /// The name taken when neither the file nor the command line names the service; null (the default) for "app".
    /// </summary>
    public string? DefaultName { get; init; }
}
