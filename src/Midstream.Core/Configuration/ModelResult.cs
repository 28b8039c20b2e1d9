// What merging a file with a command line gives.

namespace Midstream.Core.Configuration;

/// <summary>Holds a validated service, or everything that keeps it from being one.</summary>
public sealed record ModelResult
{
    /// <summary>The service; null when there is any error.</summary>
    public ServiceModel? Model { get; init; }

    /// <summary>Every mistake; empty when there is none.</summary>
    public required IReadOnlyList<ConfigError> Errors { get; init; }
}
