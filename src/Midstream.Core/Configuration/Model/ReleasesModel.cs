// How many releases are kept on disk.

namespace Midstream.Core.Configuration;

/// <summary>Bounds the release store.</summary>
public sealed record ReleasesModel
{
    /// <summary>How many releases are kept; the current and the previous one always are. 2 to 1000, default 10.</summary>
    public int Keep { get; init; } = ServiceDefaults.ReleasesKeep;
}
