// What each worker may use, and as whom it runs.

namespace Midstream.Core.Configuration;

/// <summary>Bounds each worker. What is null is as the supervisor itself has it, unless its summary says otherwise.</summary>
public sealed record LimitsModel
{
    /// <summary>The resident memory past which a worker is replaced gracefully, in bytes. Default null: none.</summary>
    public long? MemoryMaxBytes { get; init; }

    /// <summary>How many descriptors a worker may have open (RLIMIT_NOFILE). 64 to 1,073,741,816, default null.</summary>
    public int? OpenFilesMax { get; init; }

    /// <summary>The user a worker runs as, by name or number. Default null.</summary>
    public string? User { get; init; }

    /// <summary>The group a worker runs as, by name or number. Default null: the user's own, or the supervisor's.</summary>
    public string? Group { get; init; }

    /// <summary>A worker's scheduling priority (nice(2)). -20, the highest, to 19; default null.</summary>
    public int? Nice { get; init; }

    /// <summary>The permissions that files a worker creates do not get (umask(2)). Default null.</summary>
    public UnixFileMode? Umask { get; init; }

    /// <summary>The absolute folder a worker starts in. Default null: its release's copy.</summary>
    public string? WorkingDirectory { get; init; }
}
