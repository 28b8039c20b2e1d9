namespace Midstream.Releases;

// The one exception of the store: an expected outcome of its environment or input, never a programming mistake.

/// <summary>Reports that the store could not do what it was asked; the message says what happened, to what, and what to do.</summary>
/// <param name="failure">The stage or the culprit.</param>
/// <param name="message">What happened, to what, and what to do next.</param>
/// <param name="inner">The error of the system behind it, or null.</param>
public sealed class ReleaseStoreException(ReleaseStoreFailure failure, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Gets the stage or the culprit.</summary>
    public ReleaseStoreFailure Failure { get; } = failure;
}
