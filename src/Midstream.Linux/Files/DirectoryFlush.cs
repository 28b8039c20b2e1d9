// A new or renamed file survives a power failure only once its folder is on disk too (fsync(2)).

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Writes folders' entries to disk.</summary>
public static class DirectoryFlush
{
    /// <summary>Waits until a folder's entries are on disk.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="LinuxException">There is no such folder, or the device failed.</exception>
    public static void Flush(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var folder = FileDescriptor.Owning(
            Libc.open(path, Abi.O_RDONLY | Abi.O_DIRECTORY | Abi.O_CLOEXEC, 0), "open", $"Cannot open the folder {path}");
        Calls.Check(Libc.fsync(folder), "fsync", $"Cannot flush the folder {path}");
    }

    internal static string FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
}
