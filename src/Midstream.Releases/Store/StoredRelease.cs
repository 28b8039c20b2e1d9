namespace Midstream.Releases;

// What a caller learns about one release in the store.

/// <summary>Describes one release in the store. Immutable.</summary>
/// <param name="Id">Twelve lower-case hexadecimal digits that follow from the content alone.</param>
/// <param name="Folder">The absolute path of the release's own read-only copy.</param>
/// <param name="Source">The absolute path of the folder it was copied from, as it was then.</param>
/// <param name="AddedAt">When this content was first stored, in UTC.</param>
/// <param name="SizeBytes">The sum of the sizes of its regular files, in bytes.</param>
/// <param name="Files">The number of its regular files.</param>
public sealed record StoredRelease(string Id, string Folder, string Source, DateTimeOffset AddedAt, long SizeBytes, int Files)
{
    /// <summary>Gets whether the store held this content before it was asked to add it. False by default.</summary>
    public bool AlreadyStored { get; init; }
}
