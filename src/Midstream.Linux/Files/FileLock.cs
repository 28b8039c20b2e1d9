// One supervisor a service: the lock that a killed holder cannot leave behind.

using System.Globalization;
using System.Text;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>
/// Holds an exclusive lock on a file (flock(2)). The kernel releases it when the holder ends, however it ends. The file itself
/// stays: deleting it would let two holders lock two files of the same name.
/// </summary>
public sealed class FileLock : IDisposable
{
    private const uint Mode = 0x1A4; // rw-r--r--: messages of other users may name the holder

    private readonly FileDescriptor _file;

    private FileLock(FileDescriptor file) => _file = file;

    /// <summary>Takes the lock if it is free, without waiting, and writes this process's pid into the file.</summary>
    /// <param name="path">The file; created when missing.</param>
    /// <returns>The lock; null when another holder has it, see <see cref="HolderOf"/>.</returns>
    /// <exception cref="LinuxException">The file cannot be opened or written.</exception>
    public static FileLock? TryAcquire(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = FileDescriptor.Owning(
            Libc.open(path, Abi.O_RDWR | Abi.O_CREAT | Abi.O_CLOEXEC | Abi.O_NOFOLLOW, Mode), "open", $"Cannot open the lock {path}");
        try
        {
            if (!TryLock(file, path))
            {
                file.Dispose();
                return null;
            }

            Calls.Check(Libc.ftruncate(file, 0), "ftruncate", $"Cannot write the lock {path}");
            var pid = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
            FileWriting.WriteAll(file, Encoding.ASCII.GetBytes(pid + "\n"), 0, $"Cannot write the lock {path}");
            return new FileLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads the pid of the last process that took a lock, for messages only: it may have ended.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The pid; null when there is none to read.</returns>
    public static int? HolderOf(string path)
    {
        try
        {
            return int.TryParse(File.ReadAllText(path).Trim(), CultureInfo.InvariantCulture, out var pid) ? pid : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _file.Dispose();

    private static bool TryLock(FileDescriptor file, string path)
    {
        int result;
        do
            result = Libc.flock(file, Abi.LOCK_EX | Abi.LOCK_NB);
        while (Calls.Interrupted(result));
        if (result == -1 && Calls.LastError == Errno.EAGAIN)
            return false;
        Calls.Check(result, "flock", $"Cannot lock {path}");
        return true;
    }
}
