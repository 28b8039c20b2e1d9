// A file that readers, and a power failure, find either as it was or as it should be.

using System.Security.Cryptography;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Replaces files in one step.</summary>
public static class AtomicFile
{
    // Nobody else's files begin so; what a killed writer left is known by it.
    private const string TemporaryPrefix = ".ms-";

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
        var temporary = TemporaryIn(folder);
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

    /// <summary>Makes sure that a file could be written at this moment: a temporary one is made beside it, and removed.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="LinuxException">It could not be: the folder does not exist (ENOENT), may not be written (EACCES), or
    /// another error.</exception>
    public static void Probe(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var temporary = TemporaryIn(DirectoryFlush.FolderOf(path));
        FileDescriptor.Owning(
            Libc.open(temporary, Abi.O_WRONLY | Abi.O_CREAT | Abi.O_EXCL | Abi.O_CLOEXEC, 0x180),
            "open", $"Cannot write {path}").Dispose();
        Calls.Check(Libc.unlink(temporary), "unlink", $"Cannot remove {temporary}");
    }

    /// <summary>Removes the temporary files of writers that were killed. One that cannot be removed is left: it takes room and
    /// harms nobody.</summary>
    /// <param name="folder">The folder they wrote to, in which nobody writes at this time.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static void RemoveAbandoned(string folder)
    {
        foreach (var temporary in Directory.EnumerateFiles(folder, TemporaryPrefix + "*"))
            _ = Libc.unlink(temporary);
    }

    private static string TemporaryIn(string folder) =>
        Path.Combine(folder, $"{TemporaryPrefix}{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}");
}
