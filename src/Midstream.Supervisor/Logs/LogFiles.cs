using Midstream.Linux;

namespace Midstream.Supervisor.Logs;

/// <summary>
/// The names of the log and of its rotated files: <c>path</c>, <c>path.1</c> (the newest) and up, or <c>path.2.gz</c> and up
/// where they are compressed. The only place that moves or deletes them.
/// </summary>
/// <param name="path">The file that is written to.</param>
/// <param name="filesMax">The number of files kept, the current one included; at least 1.</param>
/// <remarks>Thread-safe: the writer rotates while the compression publishes.</remarks>
internal sealed class LogFiles(string path, int filesMax)
{
    /// <summary>The first rotated file that is compressed. The one before is left to those who are still reading it.</summary>
    public const int FirstCompressed = 2;

    private const string CompressedSuffix = ".gz";

    private readonly Lock _lock = new();

    /// <summary>Gets the file that is written to.</summary>
    public string Current => path;

    /// <summary>Gets where a compression is made; nothing reads it.</summary>
    public string Unfinished => path + ".gz.unfinished";

    /// <summary>Gives the current file a number, and each one that has a number the next; the last is deleted.</summary>
    /// <exception cref="IOException">A file cannot be moved; none has been overwritten.</exception>
    /// <exception cref="UnauthorizedAccessException">As before.</exception>
    public void Rotate()
    {
        lock (_lock)
        {
            File.Delete(Name(filesMax - 1));
            File.Delete(CompressedName(filesMax - 1));
            for (var number = filesMax - 2; number >= 0; number--)
            {
                Move(Name(number), Name(number + 1));
                Move(CompressedName(number), CompressedName(number + 1));
            }
        }
    }

    /// <summary>Opens the oldest rotated file that is to be compressed and is not.</summary>
    /// <returns>The file; null when there is none.</returns>
    public FileStream? OpenUncompressed()
    {
        lock (_lock)
        {
            for (var number = filesMax - 1; number >= FirstCompressed; number--)
            {
                if (File.Exists(Name(number)))
                    return new FileStream(Name(number), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            }

            return null;
        }
    }

    /// <summary>Puts a file's finished compression in its place. A kill in between leaves both, and the compression is made
    /// again.</summary>
    /// <param name="file">The file that was compressed; it may have another number by now, or be gone.</param>
    public void Publish(FileIdentity file)
    {
        lock (_lock)
        {
            for (var number = FirstCompressed; number < filesMax; number++)
            {
                if (!FileIdentity.TryFind(Name(number), out var found, out _) || found != file)
                    continue;
                File.Move(Unfinished, CompressedName(number), overwrite: true);
                File.Delete(Name(number));
                return;
            }
        }

        File.Delete(Unfinished);
    }

    private static void Move(string from, string to)
    {
        if (File.Exists(from))
            File.Move(from, to);
    }

    private string Name(int number) => number == 0 ? path : $"{path}.{number}";

    private string CompressedName(int number) => Name(number) + CompressedSuffix;
}
