using System.Text;

namespace Midstream.Cli.Operating;

/// <summary>Reads the end of the workers' log and what comes after it, across rotations.</summary>
/// <param name="path">The log's newest file.</param>
internal sealed class LogTail(string path)
{
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(200);

    private long _position;
    private string _unfinished = "";

    /// <summary>Reads the last lines of the newest file and, where they do not suffice, of the one before.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The lines, oldest first.</returns>
    public IReadOnlyList<string> ReadLast(int count)
    {
        var lines = new List<string>();
        foreach (var file in (string[])[path + ".1", path])
        {
            if (File.Exists(file))
                lines.AddRange(ReadFrom(file, 0, out _position));
        }

        return [.. lines.TakeLast(count)];
    }

    /// <summary>Hands on each line that is written, until it is ended.</summary>
    /// <param name="onLine">Takes the lines.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>A task that ends then.</returns>
    public async Task FollowAsync(Action<string> onLine, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                foreach (var line in ReadNew())
                    onLine(line);
                await Task.Delay(s_pollInterval, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // That is how following ends.
        }
    }

    private List<string> ReadNew()
    {
        if (!File.Exists(path))
            return [];
        // Shorter than what was read: the file was rotated. What came before the rotation is in the one before.
        var rest = new List<string>();
        if (new FileInfo(path).Length < _position)
        {
            rest.AddRange(ReadFrom(path + ".1", _position, out _));
            _position = 0;
        }

        rest.AddRange(ReadFrom(path, _position, out _position));
        return rest;
    }

    private List<string> ReadFrom(string file, long from, out long end)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = from;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var text = _unfinished + reader.ReadToEnd();
        end = stream.Position;
        var lines = text.Split('\n').ToList();
        _unfinished = lines[^1];
        lines.RemoveAt(lines.Count - 1);
        return lines;
    }
}
