// How much of the workers' output is kept on disk.

namespace Midstream.Core.Configuration;

/// <summary>Bounds the files that hold the workers' captured output.</summary>
public sealed record LogsModel
{
    /// <summary>The size at which the current file is rotated. 64 KiB to 1 TiB, in bytes, default 16 MiB.</summary>
    public long SizeMaxBytes { get; init; } = ServiceDefaults.LogsSizeMaxBytes;

    /// <summary>How many files are kept, the current one included. 1 to 1000, default 5.</summary>
    public int FilesMax { get; init; } = ServiceDefaults.LogsFilesMax;
}
