namespace Midstream.Releases;

// Turns what a walk found into the entries of a manifest, either by copying or by reading only.

internal static class FolderContent
{
    // Two, so that one file's hashing overlaps another's waiting for the disk; more would take the machine from the service.
    private const int Parallelism = 2;

    private const UnixFileMode FolderMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Copies everything below a folder into an empty one and waits until all of it is on disk.</summary>
    /// <returns>The entries of what was copied.</returns>
    public static async Task<IReadOnlyList<ManifestEntry>> CopyAsync(
        string root, IReadOnlyList<SourceEntry> found, string folder, CancellationToken cancellation)
    {
        File.SetUnixFileMode(folder, FolderMode);
        foreach (var entry in found) // Sorted: a folder comes before what it holds.
        {
            if (entry.Kind == EntryKind.Folder)
                CreateFolder(Path.Combine(folder, entry.Path));
            else if (entry.LinkTarget is { } target)
                File.CreateSymbolicLink(Path.Combine(folder, entry.Path), target);
        }
        var entries = await EachAsync(found, entry => FileCopy.Copy(root, entry, folder, cancellation), cancellation);
        FlushFolders(found, folder);
        return entries;
    }

    /// <summary>Reads everything below a folder.</summary>
    /// <returns>The entries of what is there.</returns>
    /// <exception cref="IOException">A file cannot be read; also UnauthorizedAccessException.</exception>
    public static Task<IReadOnlyList<ManifestEntry>> ReadAsync(
        string root, IReadOnlyList<SourceEntry> found, CancellationToken cancellation) =>
        EachAsync(found, entry => FileCopy.Read(root, entry, cancellation), cancellation);

    /// <summary>The entry of a folder or a link, which need no reading.</summary>
    public static ManifestEntry EntryOf(SourceEntry found) =>
        new(found.Path, found.Kind, false, 0, found.LinkTarget is { } target ? ReleaseId.HashOfLinkTarget(target) : "");

    private static async Task<IReadOnlyList<ManifestEntry>> EachAsync(
        IReadOnlyList<SourceEntry> found, Func<SourceEntry, ManifestEntry> ofFile, CancellationToken cancellation)
    {
        var entries = new ManifestEntry[found.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellation };
        await Parallel.ForEachAsync(Enumerable.Range(0, found.Count), options, (at, _) =>
        {
            entries[at] = found[at].Kind == EntryKind.File ? ofFile(found[at]) : EntryOf(found[at]);
            return ValueTask.CompletedTask;
        });
        return entries;
    }

    // The mode is set apart from the creation because the umask does not apply to it then.
    private static void CreateFolder(string path)
    {
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, FolderMode);
    }

    private static void FlushFolders(IReadOnlyList<SourceEntry> found, string folder)
    {
        foreach (var entry in found.Where(entry => entry.Kind == EntryKind.Folder))
            DurableFolder.Flush(Path.Combine(folder, entry.Path));
        DurableFolder.Flush(folder);
    }
}
