using Midstream.Linux;

namespace Midstream.Cli.Operating;

/// <summary>
/// Reads the end of the workers' log and what comes after it, across rotations by renaming and by truncation.
/// <list type="bullet">
/// <item>A file is held open and read to its end before the next; the next begins only when it has something in it, for the
/// writer may be a moment late to leave the old one.</item>
/// <item>Each line comes once. A follower so slow that files are deleted before it has read them misses those.</item>
/// </list>
/// </summary>
/// <param name="path">The log's newest file.</param>
/// <param name="isWanted">Which lines are wanted; null for all.</param>
/// <remarks>Not thread-safe.</remarks>
internal sealed class LogTail(string path, Func<string, bool>? isWanted = null) : IDisposable
{
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(100);

    private readonly Func<string, bool> _isWanted = isWanted ?? (_ => true);
    private readonly Queue<LogFile> _next = new();
    private LogFile? _current;

    /// <summary>Reads the last lines of all files; what follows comes from there on.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The lines, oldest first.</returns>
    public IReadOnlyList<string> ReadLast(int count)
    {
        using var files = LogFileSet.Open(path);
        var lines = new List<string>();
        foreach (var file in files.Files)
        {
            lines.AddRange(file.ReadLast(count - lines.Count, _isWanted));
            if (lines.Count >= count)
                break;
        }

        _current = files.Take(file => file == files.Files[0]).SingleOrDefault();
        if (count == 0)
            _current?.SkipToEnd();
        lines.Reverse();
        return lines;
    }

    /// <summary>Hands on the lines that are written, until it is ended.</summary>
    /// <param name="onLines">Takes the lines, some at a time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>A task that ends then.</returns>
    public async Task FollowAsync(Action<IReadOnlyList<string>> onLines, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (ReadNew() is not { } lines)
                    await Task.Delay(s_pollInterval, cancellationToken);
                else if (lines.Where(_isWanted).ToList() is { Count: > 0 } wanted)
                    onLines(wanted);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // That is how following ends.
        }
    }

    public void Dispose()
    {
        _current?.Dispose();
        foreach (var file in _next)
            file.Dispose();
    }

    // Null when there is nothing new at present.
    private List<string>? ReadNew()
    {
        if (_current is { } file)
        {
            if (file.WasTruncated())
                return ReadTruncated(file);
            if (file.ReadOn() is { Count: > 0 } lines)
                return lines;
        }

        return FindNext() ? MoveOn() : null;
    }

    private bool FindNext()
    {
        if (_next.Count > 0)
            return true;
        if (_current is not null && FileIdentity.TryFind(path, out var now, out _) && now == _current.Identity)
            return false;
        using var files = LogFileSet.Open(path);
        var newer = files.Files.TakeWhile(file => _current is null || !IsCurrent(file)).ToList();
        // Deleted, perhaps by a rotation that keeps no more: then only those written to since are new.
        if (_current is not null && newer.Count == files.Files.Count)
            newer.RemoveAll(file => file.WrittenAt <= _current.WrittenAt && file.Path != path);
        foreach (var file in files.Take(file => newer.Contains(file) && !file.IsEmpty).AsEnumerable().Reverse())
            _next.Enqueue(file);
        return _next.Count > 0;
    }

    private bool IsCurrent(LogFile file) =>
        file.Identity == _current!.Identity || (file.Path != path && _current.Head.Length > 0
            && file.Head.AsSpan().SequenceEqual(_current.Head));

    // The next has something in it, so the writer has left this one: what is in it now is all.
    private List<string> MoveOn()
    {
        var lines = new List<string>();
        if (_current is { } old)
        {
            while (old.ReadOn() is { Count: > 0 } more)
                lines.AddRange(more);
            if (old.ReadUnfinished() is { } unfinished)
                lines.Add(unfinished);
            old.Dispose();
        }

        _current = _next.Dequeue();
        return lines;
    }

    // What was not read before the truncation is in the copy that was made before it.
    private List<string> ReadTruncated(LogFile file)
    {
        var lines = new List<string>();
        using (var files = LogFileSet.Open(path))
        {
            var copy = files.Files.FirstOrDefault(other =>
                other.Identity != file.Identity && other.Continues(file));
            copy?.GoTo(file.Position);
            while (copy?.ReadOn() is { Count: > 0 } more)
                lines.AddRange(more);
        }

        file.GoTo(0);
        return lines;
    }
}
