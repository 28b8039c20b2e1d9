// What reading a configuration file gives.

namespace Midstream.Core.Configuration;

/// <summary>Holds what a file says, or everything that is wrong with it.</summary>
public sealed record ConfigResult
{
    /// <summary>What the file says; null when there is any error.</summary>
    public ServiceConfig? Config { get; init; }

    /// <summary>Every mistake, in the order of the file; empty when there is none.</summary>
    public required IReadOnlyList<ConfigError> Errors { get; init; }
}
