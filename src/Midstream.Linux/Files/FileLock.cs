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
            Libc.open(path, Abi.O_RDWR | Abi.O_CREAT | Abi.O_CLOEXEC | Abi.O_NOFOLLOW, Mode),
            "open", $"Cannot open the lock {path}");
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
    /// <exception cref="LinuxException">The path is a folder, or the device failed.</exception>
    public static int? HolderOf(string path)
    {
        // Not by the base library's File: it takes a shared flock of its own to read, which fails while the lock is held and
        // could keep a holder-to-be from it.
        var descriptor = Libc.open(path, Abi.O_RDONLY | Abi.O_CLOEXEC, 0);
        if (descriptor == -1)
            return null;
        using var file = FileDescriptor.Owning(descriptor, "open", path);
        Span<byte> text = stackalloc byte[16];
        var length = FileWriting.ReadAll(file, text, 0, $"Cannot read the lock {path}");
        var written = Encoding.ASCII.GetString(text[..length]).Trim();
        return int.TryParse(written, CultureInfo.InvariantCulture, out var pid) ? pid : null;
    }

    /// <summary>Asks the kernel whether a process holds the lock on a file: it has taken it (proc(5), locks) or was given the
    /// descriptor locked (fdinfo). The first says so also of a process whose descriptors may not be looked at, as of one with
    /// capabilities of its file; the second also where all of /proc but the processes is hidden.</summary>
    /// <param name="path">The file.</param>
    /// <param name="pid">The process.</param>
    /// <returns>False also when there is no such file or process, or the kernel does not tell.</returns>
    public static bool IsHeldBy(string path, int pid) =>
        FileIdentity.TryFind(path, out var wanted, out _) && (HasTaken(wanted, pid) || HasOpenAndLocked(wanted, pid));

    /// <summary>Goes on with a lock that the program this process ran before has taken.</summary>
    /// <param name="file">The locked file; the lock's from now on.</param>
    /// <returns>The lock.</returns>
    public static FileLock Continue(FileDescriptor file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new FileLock(file);
    }

    /// <summary>Gets the locked file, to keep it over a change of the program (<see cref="ProcessImage"/>). Stays the
    /// lock's.</summary>
    public FileDescriptor Descriptor => _file;

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

    // "1: FLOCK  ADVISORY  WRITE 4711 08:01:123456 0 EOF"; who waits has an arrow before it. The device is left out: some file
    // systems tell each caller another one.
    private static bool HasTaken(FileIdentity file, int pid)
    {
        try
        {
            return File.ReadLines("/proc/locks")
                .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Any(part => part is [_, "FLOCK", _, "WRITE", var holder, var place, ..]
                    && holder == pid.ToString(CultureInfo.InvariantCulture)
                    && place.EndsWith($":{file.Inode.ToString(CultureInfo.InvariantCulture)}", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool HasOpenAndLocked(FileIdentity file, int pid) => ProcessDescriptors.LinksOf(pid).Any(descriptor =>
        FileIdentity.TryFind($"/proc/{pid}/fd/{descriptor.Number}", out var open, out _)
        && open == file && ProcessDescriptors.HasExclusiveLock(pid, descriptor.Number));
}
