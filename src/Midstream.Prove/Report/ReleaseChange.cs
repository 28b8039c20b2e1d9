namespace Midstream.Prove;

// A swap as the clients saw it.

/// <summary>
/// Describes clients going over from one release's answers to another's. Clients that do so within one second of each other are
/// one change.
/// </summary>
public sealed record ReleaseChange
{
    /// <summary>Gets the release that answered these clients before.</summary>
    public required string From { get; init; }

    /// <summary>Gets the release that answered them next.</summary>
    public required string To { get; init; }

    /// <summary>Gets when the first client noticed, in milliseconds since the run began.</summary>
    public required double FirstMs { get; init; }

    /// <summary>Gets when the last client noticed, in milliseconds since the run began.</summary>
    public required double LastMs { get; init; }

    /// <summary>Gets how often a client went over; a client that goes back and forth counts each time.</summary>
    public required long Clients { get; init; }
}
