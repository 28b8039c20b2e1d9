// Bytes handed to another process by descriptor. Sealed, so that the reader can trust that they no longer change.

using System.Runtime.InteropServices;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Creates and reads sealed memory files (memfd_create(2)).</summary>
public static class MemoryFile
{
    internal const int Seals = Abi.F_SEAL_SEAL | Abi.F_SEAL_SHRINK | Abi.F_SEAL_GROW | Abi.F_SEAL_WRITE;

    /// <summary>Creates a memory file that nobody can change any more.</summary>
    /// <param name="name">What /proc shows it as; up to 249 bytes.</param>
    /// <param name="content">All its bytes.</param>
    /// <returns>The file.</returns>
    /// <exception cref="LinuxException">There is no memory (ENOMEM) or descriptor (EMFILE) left.</exception>
    public static FileDescriptor Create(string name, ReadOnlySpan<byte> content)
    {
        ArgumentNullException.ThrowIfNull(name);
        var file = FileDescriptor.Owning(
            Libc.memfd_create(name, Abi.MFD_CLOEXEC | Abi.MFD_ALLOW_SEALING),
            "memfd_create", $"Cannot create the memory file {name}");
        try
        {
            FileWriting.WriteAll(file, content, 0, $"Cannot write the memory file {name}");
            Calls.Check(Libc.fcntl(file, Abi.F_ADD_SEALS, Seals), "fcntl(F_ADD_SEALS)", $"Cannot seal the memory file {name}");
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a whole memory file that its writer has sealed.</summary>
    /// <param name="file">The file; stays the caller's.</param>
    /// <param name="maximum">The most bytes to accept.</param>
    /// <returns>All its bytes.</returns>
    /// <exception cref="InvalidDataException">The descriptor is no memory file, is not sealed, or has more bytes.</exception>
    /// <exception cref="LinuxException">The file cannot be read.</exception>
    public static byte[] Read(SafeHandle file, int maximum)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfNegative(maximum);
        ThrowIfNotSealed(file);
        var size = FileWriting.SizeOf(file, "Cannot read a memory file");
        if (size > maximum)
            throw new InvalidDataException($"The memory file has {size} bytes; at most {maximum} are accepted.");
        var content = new byte[size];
        FileWriting.ReadAll(file, content, 0, "Cannot read a memory file");
        return content;
    }

    internal static void ThrowIfNotSealed(SafeHandle file)
    {
        var seals = Libc.fcntl(file, Abi.F_GET_SEALS, 0);
        if (seals == -1 && Calls.LastError is Errno.EINVAL or Errno.EBADF)
            throw new InvalidDataException("The descriptor is no memory file (memfd_create(2)).");
        Calls.Check(seals, "fcntl(F_GET_SEALS)", "Cannot read the seals of a memory file");
        // Without F_SEAL_SEAL more seals may come, which harms nobody: only shrinking, growing and writing do.
        const int Needed = Abi.F_SEAL_SHRINK | Abi.F_SEAL_GROW | Abi.F_SEAL_WRITE;
        if ((seals & Needed) != Needed)
            throw new InvalidDataException("The memory file is not sealed: its writer could still change it.");
    }
}
