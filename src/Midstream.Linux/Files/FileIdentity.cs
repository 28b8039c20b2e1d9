// Which file it is, whatever it is called by now: how a writer sees that its file was renamed or deleted, and a reader that it
// has read a file before.

using System.Runtime.InteropServices;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Names a file by its place in a file system (statx(2)). Valid as long as the file is open or has a name.</summary>
/// <param name="Device">The file system.</param>
/// <param name="Inode">The file within it.</param>
public readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    private const int MinorBits = 32;

    /// <summary>Looks up what a path leads to; symbolic links are followed.</summary>
    /// <param name="path">The path.</param>
    /// <param name="identity">Which file it is; the default when there is none.</param>
    /// <param name="sizeBytes">Its size in bytes; 0 when there is none.</param>
    /// <returns>Whether there is a file, and it may be looked at.</returns>
    public static bool TryFind(string path, out FileIdentity identity, out long sizeBytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var found = Libc.statx(Abi.AT_FDCWD, path, 0, Abi.STATX_BASIC_STATS, out var status) == 0;
        (identity, sizeBytes) = found ? (Of(status), (long)status.Size) : default;
        return found;
    }

    /// <summary>Looks at an open file.</summary>
    /// <param name="file">The file.</param>
    /// <returns>Which file it is, and its size in bytes.</returns>
    /// <exception cref="LinuxException">The handle is no open file.</exception>
    public static (FileIdentity Identity, long SizeBytes) Of(SafeHandle file)
    {
        Calls.Check(
            Libc.statx(file, "", Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, out var status), "statx", "Cannot look at a file");
        return (Of(status), (long)status.Size);
    }

    private static FileIdentity Of(FileStatus status) =>
        new(((ulong)status.DeviceMajor << MinorBits) | status.DeviceMinor, status.Inode);
}
