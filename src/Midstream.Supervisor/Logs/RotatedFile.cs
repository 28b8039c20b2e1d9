using Midstream.Core.Configuration;
using Midstream.Linux;

namespace Midstream.Supervisor.Logs;

/// <summary>
/// The file that whole lines are written to, begun anew by size and by time, and found again when somebody else has renamed,
/// deleted or truncated it (logrotate(8), "create" and "copytruncate").
/// </summary>
/// <param name="files">The names.</param>
/// <param name="limits">When a new file is begun.</param>
/// <param name="clock">Tells a file's age.</param>
/// <remarks>Not thread-safe.</remarks>
internal sealed class RotatedFile(LogFiles files, LogsModel limits, TimeProvider clock) : IDisposable
{
    private const byte LineFeed = (byte)'\n';
    private const UnixFileMode Mode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private AppendedFile? _file;
    private long _size;
    private long _openedAt;
    private TimeSpan _ageWhenOpened;
    private bool _endsTorn;

    /// <summary>Gets how often a new file was begun.</summary>
    public long Rotations { get; private set; }

    // The clock that is set is asked once per file: when it jumps, the file's age does not.
    private TimeSpan Age => _ageWhenOpened + clock.GetElapsedTime(_openedAt);

    /// <summary>Writes lines. Each is in the file as a whole or not at all.</summary>
    /// <param name="lines">The lines, each with its end.</param>
    /// <returns>How many could not be written, all of them the last ones.</returns>
    public int Write(ReadOnlySpan<byte> lines)
    {
        try
        {
            Find();
            while (!lines.IsEmpty)
            {
                var length = FittingLength(lines);
                var written = Append(lines[..length]);
                lines = lines[written..];
                if (written < length)
                    break;
                if (_size >= limits.SizeMaxBytes)
                    Rotate();
            }
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            // Counted below, with those that the disk had no room for.
        }

        // Opened anew after a failure: whatever was wrong with it may be mended by then.
        if (!lines.IsEmpty)
            Close();
        return lines.Count(LineFeed);
    }

    /// <summary>Closes the file; the next write opens what has its name by then.</summary>
    public void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <summary>Closes the file and opens what has its name by now, so that who has moved it away sees a new one.</summary>
    public void Reopen()
    {
        Close();
        try
        {
            Open();
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            // The next write tries again, and counts what it loses.
        }
    }

    public void Dispose() => Close();

    private void Find()
    {
        if (_file is not null && (!FileIdentity.TryFind(files.Current, out var now, out _size) || now != _file.Identity))
            Close();
        if (_file is not null && _size == 0)
            BecameEmpty();
        if (_file is null)
            Open();
        if (limits.RotateEvery > TimeSpan.Zero && _size > 0 && Age >= limits.RotateEvery)
            Rotate();
    }

    private void Open()
    {
        _file = AppendedFile.Open(files.Current, Mode);
        _size = _file.SizeBytes;
        BecameEmpty();
        if (_size == 0)
            return;
        Span<byte> start = stackalloc byte[LineStamp.Length];
        if (LineStamp.TryRead(start[.._file.Read(start, 0)], out var begun) && clock.GetUtcNow() is var now && now > begun)
            _ageWhenOpened = now - begun;
        Span<byte> last = stackalloc byte[1];
        _endsTorn = _file.Read(last, _size - 1) == 1 && last[0] != LineFeed;
    }

    private void BecameEmpty()
    {
        _openedAt = clock.GetTimestamp();
        _ageWhenOpened = TimeSpan.Zero;
        _endsTorn = false;
    }

    private void Rotate()
    {
        Close();
        try
        {
            files.Rotate();
            Rotations++;
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            // A log that is too large is better than none. Tried again after the next lines.
        }

        Open();
    }

    // Up to the end of the line by which the file reaches its size; all when it has, and could not be rotated.
    private int FittingLength(ReadOnlySpan<byte> lines)
    {
        var room = limits.SizeMaxBytes - _size;
        if (room <= 0 || room >= lines.Length)
            return lines.Length;
        var last = (int)room - 1;
        return last + lines[last..].IndexOf(LineFeed) + 1;
    }

    // Returns the length of the lines that are in the file now: all, or as many whole ones as there was room for.
    private int Append(ReadOnlySpan<byte> lines)
    {
        var file = _file ?? throw new InvalidOperationException("The log's file is not open.");
        // A writer was killed in the middle of a line. That line stays torn; this one must not be glued to it.
        if (_endsTorn)
            _size += file.Write("\n"u8);
        _endsTorn = false;
        var written = 0;
        try
        {
            while (written < lines.Length)
                written += file.Write(lines[written..]);
        }
        catch (LinuxException)
        {
            var torn = written - (lines[..written].LastIndexOf(LineFeed) + 1);
            written -= torn;
            CutEnd(file, torn);
        }

        _size += written;
        return written;
    }

    private static void CutEnd(AppendedFile file, int torn)
    {
        try
        {
            // Smaller than that: truncated by somebody else since.
            if (torn > 0 && file.SizeBytes is var size && size >= torn)
                file.Cut(size - torn);
        }
        catch (LinuxException)
        {
            // Then the line stays torn, which the next opening finds.
        }
    }
}
