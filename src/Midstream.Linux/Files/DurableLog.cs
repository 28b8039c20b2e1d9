// A file of lines in which each line, once written, survives a power failure, and a line torn by one is never read as whole.

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>
/// Appends lines to a file and flushes each. One writer at a time: the owner of the file's folder holds a lock. Not thread-safe.
/// </summary>
public sealed class DurableLog : IDisposable
{
    private const byte LineFeed = (byte)'\n';
    private const int RepairBlock = 4096;

    private readonly string _path;
    private readonly FileDescriptor _file;
    private long _length;

    private DurableLog(string path, FileDescriptor file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>Gets how many bytes of a torn last line were cut off when the file was opened; 0 when it was whole.</summary>
    public long TornBytes { get; private set; }

    /// <summary>Opens a log, creates it when missing, and cuts a last line that has no end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">Its permissions when it is created.</param>
    /// <returns>The log.</returns>
    /// <exception cref="LinuxException">The file cannot be opened, read or repaired.</exception>
    public static DurableLog Open(string path, UnixFileMode mode)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = FileDescriptor.Owning(
            Libc.open(path, Abi.O_RDWR | Abi.O_CREAT | Abi.O_CLOEXEC, (uint)mode), "open", $"Cannot open {path}");
        var log = new DurableLog(path, file);
        try
        {
            log.Repair();
            DirectoryFlush.Flush(DirectoryFlush.FolderOf(path));
            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Appends one line and waits until it is on disk. On failure the file is as before.</summary>
    /// <param name="line">The line without its end; must hold no line feed.</param>
    /// <exception cref="ArgumentException">The line holds a line feed.</exception>
    /// <exception cref="LinuxException">The disk is full (ENOSPC) or failed.</exception>
    /// <exception cref="ObjectDisposedException">The log is disposed.</exception>
    public void Append(ReadOnlySpan<byte> line)
    {
        if (line.Contains(LineFeed))
            throw new ArgumentException("A line of the log cannot hold a line feed.", nameof(line));
        var whole = new byte[line.Length + 1];
        line.CopyTo(whole);
        whole[^1] = LineFeed;
        try
        {
            FileWriting.WriteAll(_file, whole, _length, $"Cannot append to {_path}");
            Calls.Check(Libc.fdatasync(_file), "fdatasync", $"Cannot flush {_path}");
        }
        catch (LinuxException)
        {
            // Half a line must not become the start of the next. Should this fail too, the next opening repairs it.
            _ = Libc.ftruncate(_file, _length);
            throw;
        }

        _length += whole.Length;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private void Repair()
    {
        var size = FileWriting.SizeOf(_file, $"Cannot read {_path}");
        _length = EndOfLastLine(size);
        TornBytes = size - _length;
        if (TornBytes == 0)
            return;
        Calls.Check(Libc.ftruncate(_file, _length), "ftruncate", $"Cannot repair {_path}");
        Calls.Check(Libc.fsync(_file), "fsync", $"Cannot flush {_path}");
    }

    private long EndOfLastLine(long size)
    {
        var block = new byte[RepairBlock];
        for (var end = size; end > 0;)
        {
            var start = Math.Max(0, end - RepairBlock);
            var part = block.AsSpan(0, (int)(end - start));
            FileWriting.ReadAll(_file, part, start, $"Cannot read {_path}");
            if (part.LastIndexOf(LineFeed) is >= 0 and var last)
                return start + last + 1;
            end = start;
        }

        return 0;
    }
}
