namespace Midstream.Prove;

// A run against nothing proves nothing, so it does not begin: the caller can tell this from a run that lost requests.

/// <summary>Says that the target could not be resolved or connected to before the run began. No request was sent.</summary>
public sealed class TargetUnreachableException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was tried and what came of it.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public TargetUnreachableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
