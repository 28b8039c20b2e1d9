namespace Midstream.Releases;

/// <summary>What whoever runs releases needs of a store of them. <see cref="ReleaseStore"/> is the one on disk.</summary>
public interface IReleaseStore
{
    /// <summary>Copies a folder into the store. Content that is stored already is not written again. A failure, a
    /// cancellation or a kill leaves the store as it was.</summary>
    /// <param name="sourceFolder">The folder; nothing may write to it meanwhile.</param>
    /// <param name="cancellationToken">Abandons the copy and removes what was copied.</param>
    /// <returns>The release, on disk for good when the task completes.</returns>
    /// <exception cref="ReleaseStoreException">The source or the store does not allow it; the failure says which.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    Task<StoredRelease> AddAsync(string sourceFolder, CancellationToken cancellationToken);

    /// <summary>Lists what is stored, newest first.</summary>
    /// <returns>The releases; empty when there is none.</returns>
    /// <exception cref="ReleaseStoreException">The store cannot be read.</exception>
    IReadOnlyList<StoredRelease> List();

    /// <summary>Finds one release.</summary>
    /// <param name="idOrPrefix">Its id, or as many of the id's first digits as tell it from the others.</param>
    /// <returns>The release.</returns>
    /// <exception cref="ReleaseStoreException">No release begins so, or several do.</exception>
    StoredRelease Find(string idOrPrefix);

    /// <summary>Reads a release again and compares it with what was stored.</summary>
    /// <param name="id">The release's whole id.</param>
    /// <returns>The first file by name that differs, is missing or is surplus, and which of these; null when whole.</returns>
    /// <exception cref="ReleaseStoreException">There is no such release, or it cannot be read.</exception>
    string? FindDamage(string id);

    /// <summary>Removes old releases.</summary>
    /// <param name="keep">How many of the newest stay, 0 or more.</param>
    /// <param name="inUse">Ids that stay however old they are, in addition.</param>
    /// <returns>The ids removed, newest first.</returns>
    /// <exception cref="ReleaseStoreException">The store cannot be changed.</exception>
    IReadOnlyList<string> Prune(int keep, IReadOnlySet<string> inUse);
}
