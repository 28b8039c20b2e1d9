namespace Midstream.Releases;

// Removes releases so that a kill at any point leaves each one either whole or gone.

internal static class StoreRemoval
{
    /// <summary>Takes a release out of the store by one rename. The caller holds the store's lock.</summary>
    /// <returns>The folder that is left to delete, which needs no lock.</returns>
    public static string Discard_NeedsLock(StoreLayout layout, string id)
    {
        var discarded = layout.NewDiscarded();
        Directory.Move(layout.FolderOf(id), discarded);
        File.Delete(layout.ManifestOf(id));
        return discarded;
    }

    /// <summary>Deletes a folder that another process may be deleting as well.</summary>
    public static void Delete(string folder)
    {
        while (Directory.Exists(folder))
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (DirectoryNotFoundException)
            {
                // The other process was there first; what it has left is tried again.
            }
        }
    }
}
