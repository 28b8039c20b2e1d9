namespace Midstream.Releases;

// The one exception of the store: an expected outcome of its environment or input, never a programming mistake.

/// <summary>Reports that the store could not do what it was asked. The message is meant for the operator.</summary>
/// <param name="failure">The stage or the culprit.</param>
/// <param name="message">What happened, to what, and what to do next.</param>
/// <param name="inner">The error of the system behind it, or null.</param>
public sealed class ReleaseStoreException(ReleaseStoreFailure failure, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Gets the stage or the culprit.</summary>
    public ReleaseStoreFailure Failure { get; } = failure;

    /// <summary>Gets the path inside a folder that was refused; null when it is not about one path.</summary>
    internal string? RefusedPath { get; init; }

    /// <summary>Says that the store's own directory, or the disk below it, did not do what it should.</summary>
    internal static ReleaseStoreException OfStore(string directory, Exception error) =>
        UnixErrors.IsDiskFull(error)
            ? new(
                ReleaseStoreFailure.DiskFull,
                $"There is no room left for a release in '{directory}'; what was copied of it is removed again. " +
                "Free some space or remove old releases, then try again.",
                error)
            : new(
                ReleaseStoreFailure.StoreUnusable,
                $"The release store '{directory}' cannot be used ({error.Message}). " +
                "Check that the directory exists, belongs to this user and can be written, then try again.",
                error);
}
