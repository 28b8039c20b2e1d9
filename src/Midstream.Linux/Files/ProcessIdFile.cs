// A pid file: who reads it finds a whole number, of a process that was in charge when it was written.

using System.Globalization;
using System.Text;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Writes and removes files that hold this process's id and a line feed.</summary>
public static class ProcessIdFile
{
    // More than any number and the white space around it; what is longer is something else.
    private const int SizeMaxBytes = 32;

    private const UnixFileMode Mode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Finds out why a pid file could not be written at this moment. What is no pid file is not replaced by
    /// one.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The reason, as a sentence; null when it could be written.</returns>
    public static string? FindObstacle(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            if (Libc.statx(Abi.AT_FDCWD, path, 0, Abi.STATX_BASIC_STATS, out var status) == 0)
            {
                if ((status.Mode & Abi.S_IFMT) != Abi.S_IFREG)
                    return $"{path} is no file but a {((status.Mode & Abi.S_IFMT) == Abi.S_IFDIR ? "folder" : "device")}.";
                if (!string.IsNullOrWhiteSpace(Read(path)) && HolderOf(path) is null)
                    return $"{path} holds something else than a process id, and is not replaced.";
            }

            AtomicFile.Probe(path);
            return null;
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            return denied.Message;
        }
    }

    /// <summary>Reads a pid file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The process id; null when there is no such file, or it holds none.</returns>
    public static int? HolderOf(string path) =>
        int.TryParse(Read(path), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture, out var pid) ? pid : null;

    /// <summary>Writes this process's id, in one step (<see cref="AtomicFile"/>): rw-r--r--.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <exception cref="LinuxException">It cannot be written; the file is as before.</exception>
    public static void Write(string path) => AtomicFile.Write(
        path, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")), Mode);

    /// <summary>Removes a pid file, if it holds this process's id: that of another belongs to whoever wrote it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="LinuxException">It cannot be removed.</exception>
    public static void RemoveOwn(string path)
    {
        if (HolderOf(path) == Environment.ProcessId)
            Calls.Check(Libc.unlink(path), "unlink", $"Cannot remove {path}");
    }

    private static string? Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[SizeMaxBytes + 1];
            return Encoding.ASCII.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
