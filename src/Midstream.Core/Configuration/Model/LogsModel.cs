// How much of the workers' output is kept on disk.

namespace Midstream.Core.Configuration;

/// <summary>Bounds the files that hold the workers' captured output.</summary>
public sealed record LogsModel
{
    /// <summary>The size at which the current file is rotated. 64 KiB to 1 TiB, in bytes, default 16 MiB.</summary>
    public long SizeMaxBytes { get; init; } = ServiceDefaults.LogsSizeMaxBytes;

    /// <summary>How many files are kept, the current one included. 1 to 1000, default 5.</summary>
    public int FilesMax { get; init; } = ServiceDefaults.LogsFilesMax;

    /// <summary>The age at which the current file is rotated, before the next line is written. Up to 366 days; zero for never,
    /// which is the default.</summary>
    public TimeSpan RotateEvery { get; init; } = TimeSpan.FromMilliseconds(ServiceDefaults.LogsRotateEveryMs);

    /// <summary>Whether rotated files but the newest are compressed (gzip). Default false.</summary>
    public bool Compress { get; init; } = ServiceDefaults.LogsCompress;

    /// <summary>How much output waits for a disk that is stuck before lines are dropped; as much again may be under way. 1 MiB to
    /// 1 GiB, in bytes, default 32 MiB.</summary>
    public int QueueMaxBytes { get; init; } = ServiceDefaults.LogsQueueMaxBytes;
}
