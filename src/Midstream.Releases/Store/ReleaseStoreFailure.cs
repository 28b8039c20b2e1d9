namespace Midstream.Releases;

// Why the store refused or failed, in the words of the culprit, so that a caller can decide without reading a message.

/// <summary>Names the stage or the culprit of a <see cref="ReleaseStoreException"/>.</summary>
public enum ReleaseStoreFailure
{
    /// <summary>The folder to store does not exist, or is not a folder.</summary>
    SourceNotFound,

    /// <summary>The folder to store holds nothing.</summary>
    SourceEmpty,

    /// <summary>The folder to store holds something that cannot be kept faithfully; the message names its path.</summary>
    SourceRefused,

    /// <summary>The file system of the store has no room left, or the quota is used up; nothing was left behind.</summary>
    DiskFull,

    /// <summary>The store's own directory cannot be read, written or locked.</summary>
    StoreUnusable,

    /// <summary>No stored release has the id or the prefix asked for.</summary>
    NotFound,

    /// <summary>Several stored releases begin with the prefix asked for; the message lists them.</summary>
    Ambiguous,

    /// <summary>A stored release is not what was stored; the message names the file.</summary>
    Damaged,
}
