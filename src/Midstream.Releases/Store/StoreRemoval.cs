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

    /// <summary>Deletes a discarded folder as far as that is possible. It is no release any more, so what cannot be deleted,
    /// or is being deleted by another process, takes room but harms nobody; the next opening of the store tries again.</summary>
    public static void DeleteDiscarded(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception error) when (UnixErrors.IsFromFileSystem(error))
        {
            // Left to the next opening, as the summary says.
        }
    }
}
