// A file that others may rename, copy or truncate while it is written to: each write goes to the end it has then (O_APPEND).

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Appends to a file (open(2), O_APPEND). Not thread-safe.</summary>
public sealed class AppendedFile : IDisposable
{
    private readonly string _path;
    private readonly FileDescriptor _file;

    private AppendedFile(string path, FileDescriptor file)
    {
        _path = path;
        _file = file;
        Identity = FileIdentity.Of(file).Identity;
    }

    /// <summary>Gets which file it is.</summary>
    public FileIdentity Identity { get; }

    /// <summary>Gets the file's size at this moment, in bytes; 0 for what has none, such as a device.</summary>
    /// <exception cref="LinuxException">The file cannot be looked at.</exception>
    public long SizeBytes => FileIdentity.Of(_file).SizeBytes;

    /// <summary>Opens a file, and creates it when it is missing.</summary>
    /// <param name="path">The file; a symbolic link is followed.</param>
    /// <param name="mode">Its permissions when it is created.</param>
    /// <returns>The file.</returns>
    /// <exception cref="LinuxException">The file cannot be opened.</exception>
    public static AppendedFile Open(string path, UnixFileMode mode)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        const int Flags = Abi.O_RDWR | Abi.O_APPEND | Abi.O_CREAT | Abi.O_CLOEXEC;
        var file = FileDescriptor.Owning(Libc.open(path, Flags, (uint)mode), "open", $"Cannot open {path}");
        try
        {
            return new AppendedFile(path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes once (write(2)).</summary>
    /// <param name="content">The bytes; at least one.</param>
    /// <returns>How many were written: fewer than wanted when the disk has become full.</returns>
    /// <exception cref="LinuxException">Nothing was written: the disk is full (ENOSPC) or failed.</exception>
    public unsafe int Write(ReadOnlySpan<byte> content)
    {
        fixed (byte* bytes = content)
        {
            nint written;
            do
            {
                written = Libc.write(_file, bytes, (nuint)content.Length);
            }
            while (Calls.Interrupted(written));

            return Calls.Check((int)written, "write", $"Cannot append to {_path}");
        }
    }

    /// <summary>Reads at a place of the file, which does not move where the next write goes.</summary>
    /// <param name="buffer">Takes the bytes.</param>
    /// <param name="offset">From where, in bytes.</param>
    /// <returns>How many were read: fewer than wanted at the file's end.</returns>
    /// <exception cref="LinuxException">The file cannot be read, as a device that has no places.</exception>
    public int Read(Span<byte> buffer, long offset) => FileWriting.ReadAll(_file, buffer, offset, $"Cannot read {_path}");

    /// <summary>Cuts the file to a size.</summary>
    /// <param name="sizeBytes">The size, in bytes.</param>
    /// <exception cref="LinuxException">The file cannot be cut, as a device.</exception>
    public void Cut(long sizeBytes) => Calls.Check(Libc.ftruncate(_file, sizeBytes), "ftruncate", $"Cannot cut {_path}");

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();
}
