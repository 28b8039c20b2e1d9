using System.Text;

namespace Midstream.Supervisor.Workers;

/// <summary>
/// The file that keeps what workers wrote: a line each, with time and generation, turned over by size so that it can never
/// fill the disk.
/// </summary>
/// <remarks>Thread-safe. A disk that is full or broken costs lines of the log and nothing else.</remarks>
/// <param name="path">The file; rotated ones are <c>path.1</c> (the newest) and up.</param>
/// <param name="sizeMax">The size from which a new file is begun, in bytes.</param>
/// <param name="filesMax">The number of files kept, the current one included; at least 1.</param>
internal sealed class OutputLog(string path, long sizeMax, int filesMax) : IDisposable
{
    private readonly Lock _lock = new();
    private FileStream? _file;

    /// <summary>Gets the number of lines that could not be written.</summary>
    public long LinesLost { get; private set; }

    /// <summary>Writes a line.</summary>
    /// <param name="generation">Who wrote it.</param>
    /// <param name="line">The line, without its end.</param>
    public void Write(long generation, string line)
    {
        var bytes = Encoding.UTF8.GetBytes($"{DateTime.UtcNow:yyyy-MM-ddTHH:mm:ss.fffZ} g{generation} {line}\n");
        lock (_lock)
        {
            try
            {
                var file = Open_NeedsLock();
                file.Write(bytes);
                if (file.Length >= sizeMax)
                    Rotate_NeedsLock();
            }
            catch (Exception full) when (full is IOException or UnauthorizedAccessException)
            {
                LinesLost++;
            }
        }
    }

    /// <summary>Opens the file anew with the next line: somebody has moved it away.</summary>
    public void Reopen()
    {
        lock (_lock)
        {
            _file?.Dispose();
            _file = null;
        }
    }

    public void Dispose()
    {
        lock (_lock)
            _file?.Dispose();
    }

    private FileStream Open_NeedsLock() =>
        // Unbuffered: a line that did not fit on a full disk would stay in the buffer, and be in the way of closing the file.
        _file ??= new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    private void Rotate_NeedsLock()
    {
        _file?.Dispose();
        _file = null;
        File.Delete(Name(filesMax - 1));
        for (var number = filesMax - 2; number >= 0; number--)
        {
            if (File.Exists(Name(number)))
                File.Move(Name(number), Name(number + 1));
        }
    }

    private string Name(int number) => number == 0 ? path : $"{path}.{number}";
}
