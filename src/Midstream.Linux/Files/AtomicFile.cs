// A file that readers, and a power failure, find either as it was or as it should be.

using System.Security.Cryptography;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Replaces files in one step.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes a file: a temporary one in the same folder is written and flushed, renamed over the path, and the folder is
    /// flushed. On failure the path is as before, and no temporary file is left.
    /// </summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="content">All its bytes.</param>
    /// <param name="mode">Its permissions, whatever the process's umask.</param>
    /// <exception cref="LinuxException">The folder does not exist (ENOENT), is full (ENOSPC), or another error. Should only the
    /// last flush of the folder fail, the new file is already in place.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var folder = DirectoryFlush.FolderOf(path);
        var temporary = Path.Combine(folder, $".ms-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}");
        // O_EXCL: a file or link somebody put there is never written through.
        using var file = FileDescriptor.Owning(
            Libc.open(temporary, Abi.O_WRONLY | Abi.O_CREAT | Abi.O_EXCL | Abi.O_CLOEXEC, 0x180), "open", $"Cannot write {path}");
        try
        {
            FileWriting.WriteAll(file, content, 0, $"Cannot write {path}");
            Calls.Check(Libc.fchmod(file, (uint)mode), "fchmod", $"Cannot set the mode of {path}");
            Calls.Check(Libc.fsync(file), "fsync", $"Cannot flush {path}");
            Calls.Check(Libc.rename(temporary, path), "rename", $"Cannot replace {path}");
        }
        catch
        {
            _ = Libc.unlink(temporary);
            throw;
        }

        DirectoryFlush.Flush(folder);
    }
}
