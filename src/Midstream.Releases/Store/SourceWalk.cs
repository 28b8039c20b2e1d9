namespace Midstream.Releases;

// Lists what a folder holds, and refuses what a copy could not keep faithfully, before anything is copied.

/// <summary>One thing found in the source.</summary>
/// <param name="Path">Relative to the folder, with '/' between names.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Executable">Whether anyone may execute a regular file.</param>
/// <param name="SizeBytes">The size of a regular file when it was listed.</param>
/// <param name="LinkTarget">What a link holds; null for the others.</param>
internal sealed record SourceEntry(string Path, EntryKind Kind, bool Executable, long SizeBytes, string? LinkTarget);

internal sealed class SourceWalk
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    // What the base library puts where a file name is not UTF-8. Such a file could not even be opened by the name it shows.
    private const char NotUtf8 = '\uFFFD';

    private readonly string _root;
    private readonly CancellationToken _cancellation;
    private readonly List<SourceEntry> _entries = [];

    private SourceWalk(string root, CancellationToken cancellation)
    {
        _root = root;
        _cancellation = cancellation;
    }

    /// <summary>Lists every file, folder and link below a folder, sorted by path; the folder itself is not listed.</summary>
    /// <param name="root">A real path: no link on its way.</param>
    /// <param name="cancellation">Stops the walk.</param>
    /// <exception cref="ReleaseStoreException">Something in it is refused.</exception>
    public static IReadOnlyList<SourceEntry> Of(string root, CancellationToken cancellation)
    {
        var walk = new SourceWalk(root, cancellation);
        walk.Visit(new DirectoryInfo(root), "");
        return [.. walk._entries.OrderBy(entry => entry.Path, StringComparer.Ordinal)];
    }

    private void Visit(DirectoryInfo folder, string prefix)
    {
        foreach (var info in folder.EnumerateFileSystemInfos())
        {
            _cancellation.ThrowIfCancellationRequested();
            var path = prefix + info.Name;
            RefuseName(path, info.Name);
            _entries.Add(EntryOf(info, path));
            if (info is DirectoryInfo inner && info.LinkTarget is null)
                Visit(inner, path + "/");
        }
    }

    private SourceEntry EntryOf(FileSystemInfo info, string path)
    {
        if (info.LinkTarget is { } target)
        {
            RefuseLink(info, path, target);
            return new SourceEntry(path, EntryKind.Link, false, 0, target);
        }
        if (info is not FileInfo file)
            return new SourceEntry(path, EntryKind.Folder, false, 0, null);
        if (FileTypes.SpecialKindOf(file) is { } special)
            throw Refused(path, $"is {special}, which a release cannot hold. Remove it from the folder");
        return new SourceEntry(path, EntryKind.File, (file.UnixFileMode & AnyExecute) != 0, file.Length, null);
    }

    private void RefuseName(string path, string name)
    {
        if (name.Contains(NotUtf8))
            throw Refused(path, "has a name that is not UTF-8. Rename it");
        if (name.AsSpan().ContainsAny('\n', '\r'))
            throw Refused(Printable(path), "has a line break in its name. Rename it");
    }

    private void RefuseLink(FileSystemInfo link, string path, string target)
    {
        if (target.Contains(NotUtf8) || target.AsSpan().ContainsAny('\n', '\r'))
            throw Refused(path, "is a link whose target is not a name of valid UTF-8 on one line. Replace it");
        if (target.StartsWith('/'))
            throw Refused(path, $"is a link to the absolute path '{target}'. Use a relative link that stays inside the folder");
        if (!StaysInside(link, path, target))
            throw Refused(path, $"is a link to '{target}', outside the folder. Put the file itself into the folder");
    }

    private bool StaysInside(FileSystemInfo link, string path, string target)
    {
        try
        {
            return RealPath.StaysInside(_root, Path.GetDirectoryName(link.FullName)!, target);
        }
        catch (IOException error)
        {
            throw Refused(path, $"is a link that leads nowhere ({error.Message}). Remove it", error);
        }
    }

    private static string Printable(string path) =>
        path.Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal);

    private ReleaseStoreException Refused(string path, string why, Exception? inner = null) =>
        new(ReleaseStoreFailure.SourceRefused, $"'{path}' in '{_root}' {why}, then try again.", inner) { RefusedPath = path };
}
