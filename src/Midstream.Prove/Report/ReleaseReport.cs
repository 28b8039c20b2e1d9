namespace Midstream.Prove;

// The part one release had in a run.

/// <summary>Describes the answers of one release, as named by <see cref="ProveOptions.ReleaseHeader"/>.</summary>
public sealed record ReleaseReport
{
    /// <summary>Gets the header's value, cut at 128 bytes. From the 65th release on all are counted as <c>(others)</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the number of requests it answered completely and correctly.</summary>
    public required long Answers { get; init; }

    /// <summary>Gets when its first such answer came, in milliseconds since the run began.</summary>
    public required double FirstSeenMs { get; init; }

    /// <summary>Gets when its last such answer came, in milliseconds since the run began.</summary>
    public required double LastSeenMs { get; init; }
}
