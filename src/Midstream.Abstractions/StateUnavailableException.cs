namespace Midstream;

/// <summary>Reports that an operation on a state was not carried out, because no process was in charge of it in time.</summary>
public sealed class StateUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened and what to do.</param>
    /// <param name="innerException">The cause; null when there is none.</param>
    public StateUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
