namespace Midstream.Prove;

// What became of the connections of a kind, or of a whole run.

/// <summary>
/// Counts connections and the ways the server ended them. Connections that clients end themselves are not closes.
/// </summary>
public sealed record ConnectionCounts
{
    /// <summary>Gets the number of connections opened.</summary>
    public required long Opened { get; init; }

    /// <summary>Gets the number of connections that clients which keep theirs opened before their first request.</summary>
    public required long OpenedAtBeginning { get; init; }

    /// <summary>Gets how many of <see cref="OpenedAtBeginning"/> were still open when their client had finished.</summary>
    public required long Survived { get; init; }

    /// <summary>Gets how often a response ended a connection its client wanted to keep, and said so.</summary>
    public required long AnnouncedCloses { get; init; }

    /// <summary>Gets how often an idle connection was found ended or reset without a word.</summary>
    public required long UnannouncedCloses { get; init; }

    /// <summary>
    /// Gets how often a connection broke, or had to be given up, with a request under way; that request is lost or malformed.
    /// </summary>
    public required long ClosesUnderRequest { get; init; }

    /// <summary>Gets how often an idle connection held bytes nobody had asked for.</summary>
    public required long Unsolicited { get; init; }

    /// <summary>Returns the sum of two counts, one by one.</summary>
    /// <param name="other">The counts to add.</param>
    public ConnectionCounts Plus(ConnectionCounts other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new ConnectionCounts
        {
            Opened = Opened + other.Opened,
            OpenedAtBeginning = OpenedAtBeginning + other.OpenedAtBeginning,
            Survived = Survived + other.Survived,
            AnnouncedCloses = AnnouncedCloses + other.AnnouncedCloses,
            UnannouncedCloses = UnannouncedCloses + other.UnannouncedCloses,
            ClosesUnderRequest = ClosesUnderRequest + other.ClosesUnderRequest,
            Unsolicited = Unsolicited + other.Unsolicited,
        };
    }
}
