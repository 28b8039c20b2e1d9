using System.Text.Json.Serialization;

namespace Midstream.Prove;

// How the requests of a kind, or of a whole run, ended.

/// <summary>Counts requests by <see cref="RequestOutcome"/>.</summary>
public sealed record OutcomeCounts
{
    /// <summary>Gets the number of requests that ended as <see cref="RequestOutcome.Answered"/>.</summary>
    public required long Answered { get; init; }

    /// <summary>Gets the number of requests that ended as <see cref="RequestOutcome.NotSent"/>.</summary>
    public required long NotSent { get; init; }

    /// <summary>Gets the number of requests that ended as <see cref="RequestOutcome.LostConnectFailed"/>.</summary>
    public required long LostConnectFailed { get; init; }

    /// <summary>Gets the number of requests that ended as <see cref="RequestOutcome.LostNoResponse"/>.</summary>
    public required long LostNoResponse { get; init; }

    /// <summary>Gets the number of requests that ended as <see cref="RequestOutcome.LostTruncated"/>.</summary>
    public required long LostTruncated { get; init; }

    /// <summary>Gets the number of requests that ended as <see cref="RequestOutcome.LostTimeout"/>.</summary>
    public required long LostTimeout { get; init; }

    /// <summary>Gets the number of requests that ended as <see cref="RequestOutcome.LostUnanswered"/>.</summary>
    public required long LostUnanswered { get; init; }

    /// <summary>Gets the number of requests that ended as <see cref="RequestOutcome.WrongStatus"/>.</summary>
    public required long WrongStatus { get; init; }

    /// <summary>Gets the number of requests that ended as <see cref="RequestOutcome.WrongBody"/>.</summary>
    public required long WrongBody { get; init; }

    /// <summary>Gets the number of requests that ended as <see cref="RequestOutcome.WrongId"/>.</summary>
    public required long WrongId { get; init; }

    /// <summary>Gets the number of requests that ended as <see cref="RequestOutcome.Malformed"/>.</summary>
    public required long Malformed { get; init; }

    /// <summary>Gets the number of requests lost in any way.</summary>
    [JsonIgnore]
    public long Lost => LostConnectFailed + LostNoResponse + LostTruncated + LostTimeout + LostUnanswered;

    /// <summary>Gets the number of requests answered wrongly in any way.</summary>
    [JsonIgnore]
    public long Wrong => WrongStatus + WrongBody + WrongId + Malformed;

    /// <summary>Gets the number of requests in all.</summary>
    [JsonIgnore]
    public long Total => Answered + NotSent + Lost + Wrong;

    /// <summary>Returns the sum of two counts, class by class.</summary>
    /// <param name="other">The counts to add.</param>
    public OutcomeCounts Plus(OutcomeCounts other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new OutcomeCounts
        {
            Answered = Answered + other.Answered,
            NotSent = NotSent + other.NotSent,
            LostConnectFailed = LostConnectFailed + other.LostConnectFailed,
            LostNoResponse = LostNoResponse + other.LostNoResponse,
            LostTruncated = LostTruncated + other.LostTruncated,
            LostTimeout = LostTimeout + other.LostTimeout,
            LostUnanswered = LostUnanswered + other.LostUnanswered,
            WrongStatus = WrongStatus + other.WrongStatus,
            WrongBody = WrongBody + other.WrongBody,
            WrongId = WrongId + other.WrongId,
            Malformed = Malformed + other.Malformed,
        };
    }
}
