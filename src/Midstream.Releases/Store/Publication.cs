namespace Midstream.Releases;

// Gives a finished copy its name. The manifest goes first: a kill between the two renames leaves a manifest without a
// folder, which is no release to anyone and is removed when the store is opened next.

internal static class Publication
{
    /// <summary>Publishes the copy, unless the same release is in the store by now.</summary>
    /// <returns>Whether it was published.</returns>
    public static bool TryPublish(StoreLayout layout, Incoming incoming, ReleaseManifest manifest)
    {
        ManifestFile.Write(incoming.Manifest, manifest);
        string? replaced = null;
        using (StoreLock.Acquire(layout))
        {
            if (Directory.Exists(layout.FolderOf(manifest.Id)))
            {
                if (File.Exists(layout.ManifestOf(manifest.Id)))
                    return false;
                replaced = StoreRemoval.Discard_NeedsLock(layout, manifest.Id); // A folder nothing vouches for.
            }
            Rename_NeedsLock(layout, incoming, manifest.Id);
        }
        if (replaced is not null)
            StoreRemoval.DeleteDiscarded(replaced);
        return true;
    }

    private static void Rename_NeedsLock(StoreLayout layout, Incoming incoming, string id)
    {
        File.Move(incoming.Manifest, layout.ManifestOf(id), overwrite: true);
        try
        {
            Directory.Move(incoming.Folder, layout.FolderOf(id));
        }
        catch
        {
            File.Delete(layout.ManifestOf(id));
            throw;
        }
        DurableFolder.Flush(layout.Directory);
    }
}
