// The two ways a channel's message fails that callers treat differently from an error of the operating system.

namespace Midstream.Linux;

/// <summary>Reports that a message cannot be sent because the peer has closed its end of the channel or has died.</summary>
public sealed class ChannelClosedException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What could not be done, and why.</param>
    /// <param name="innerException">The failed call; null if none.</param>
    public ChannelClosedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

/// <summary>
/// Reports a received message that breaks the channel's limits. The message is gone and its descriptors are closed; the channel
/// itself still works.
/// </summary>
public sealed class ChannelMessageException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">Which limit was broken.</param>
    public ChannelMessageException(string message)
        : base(message)
    {
    }
}
