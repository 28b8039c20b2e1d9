namespace Midstream.Releases;

// Brings a store back to where every release has both a folder and a manifest. Each case, and why it is safe:
//
//   copy of a killed process      removed; nobody was ever told of it
//   release half removed          removed to the end
//   manifest without folder       removed: a kill between the two renames of a publication or of a removal
//   folder without good manifest  the manifest is rebuilt if the content gives the id; otherwise left alone and not listed,
//                                 because a worker may be running from it

internal sealed class StoreRepair(StoreLayout layout)
{
    /// <summary>Repairs the store. The caller holds its lock.</summary>
    public void Run_NeedsLock()
    {
        Incoming.RemoveAbandoned_NeedsLock(layout);
        foreach (var discarded in Directory.EnumerateDirectories(layout.Directory, StoreLayout.DiscardedPrefix + "*").ToList())
            StoreRemoval.DeleteDiscarded(discarded);
        foreach (var id in layout.IdsWithManifest().Except(layout.IdsWithFolder()))
            File.Delete(layout.ManifestOf(id));
        foreach (var id in layout.IdsWithFolder().Where(LacksManifest))
            Rebuild(id);
    }

    private bool LacksManifest(string id)
    {
        try
        {
            return ManifestFile.Read(layout, id) is null;
        }
        catch (ReleaseStoreException error)
        {
            return error.Failure == ReleaseStoreFailure.Damaged; // A newer format is not ours to overwrite.
        }
    }

    private void Rebuild(string id)
    {
        var folder = layout.FolderOf(id);
        if (EntriesOf(folder) is not { } entries || ReleaseId.Of(entries) != id)
            return;
        var addedAt = new DateTimeOffset(Directory.GetLastWriteTimeUtc(folder), TimeSpan.Zero);
        var temporary = layout.NewIncoming() + ".json";
        ManifestFile.Write(temporary, new(ReleaseManifest.CurrentFormatVersion, id, addedAt, folder, entries));
        File.Move(temporary, layout.ManifestOf(id), overwrite: true);
        DurableFolder.Flush(layout.Directory);
    }

    private static IReadOnlyList<ManifestEntry>? EntriesOf(string folder)
    {
        try
        {
            var found = SourceWalk.Of(RealPath.Of(folder), CancellationToken.None);
            return FolderContent.ReadAsync(folder, found, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is ReleaseStoreException || UnixErrors.IsFromFileSystem(error))
        {
            return null; // Not what was stored, whatever it is.
        }
    }
}
