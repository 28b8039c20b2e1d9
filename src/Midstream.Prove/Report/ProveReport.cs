using System.Text.Json;
using System.Text.Json.Serialization;

namespace Midstream.Prove;

// The account of a run, for people (rendered elsewhere) and for machines (as JSON). Every request is in it exactly once.

/// <summary>Accounts for every request of a run. Immutable.</summary>
public sealed record ProveReport
{
    /// <summary>
    /// The version of the JSON form; it changes when a member changes its meaning or goes away, not when one is added.
    /// </summary>
    public const int CurrentFormat = 1;

    /// <summary>Gets the version of the form this report has.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Gets the target as it was given.</summary>
    public required string Url { get; init; }

    /// <summary>Gets when the run began, in UTC.</summary>
    public required DateTimeOffset BeganAt { get; init; }

    /// <summary>Gets how long it took in milliseconds, the finishing of the last requests included.</summary>
    public required double DurationMs { get; init; }

    /// <summary>Gets whether the caller ended the run before its duration or its number of requests was reached.</summary>
    public required bool EndedEarly { get; init; }

    /// <summary>Gets the number of requests begun; equal to the total of <see cref="Outcomes"/>.</summary>
    public required long Requests { get; init; }

    /// <summary>Gets the number of requests lost in any way.</summary>
    public required long Lost { get; init; }

    /// <summary>Gets the number of requests answered wrongly in any way.</summary>
    public required long Wrong { get; init; }

    /// <summary>Gets how the requests ended.</summary>
    public required OutcomeCounts Outcomes { get; init; }

    /// <summary>Gets what became of the connections.</summary>
    public required ConnectionCounts Connections { get; init; }

    /// <summary>Gets how long the answered requests of all kinds took.</summary>
    public required LatencyQuantiles Latency { get; init; }

    /// <summary>Gets the requests of marked periods apart; null when the caller gave no <see cref="PeriodMarker"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MarkedReport? Marked { get; init; }

    /// <summary>Gets the kinds that took part.</summary>
    public required IReadOnlyList<KindReport> Kinds { get; init; }

    /// <summary>Gets the releases that answered, in the order in which they were first seen.</summary>
    public required IReadOnlyList<ReleaseReport> Releases { get; init; }

    /// <summary>Gets the number of answers that named no release.</summary>
    public required long UnnamedAnswers { get; init; }

    /// <summary>Gets the swaps as the clients saw them, at most 200, in the order of their beginning.</summary>
    public required IReadOnlyList<ReleaseChange> ReleaseChanges { get; init; }

    /// <summary>
    /// Gets how often a client went over to another release without it being listed in <see cref="ReleaseChanges"/>.
    /// </summary>
    public required long ReleaseChangesNotListed { get; init; }

    /// <summary>Gets the first failures, at most <see cref="ProveOptions.FailuresMax"/>.</summary>
    public required IReadOnlyList<RequestFailure> Failures { get; init; }

    /// <summary>Gets the number of failures that are counted but not described.</summary>
    public required long FailuresNotDescribed { get; init; }

    /// <summary>Gets whether no request was lost or answered wrongly and no connection held bytes nobody had asked for.</summary>
    [JsonIgnore]
    public bool NothingLost => Lost == 0 && Wrong == 0 && Connections.Unsolicited == 0;

    /// <summary>Gets whether the server ended no connection that its client wanted to keep, announced or not.</summary>
    [JsonIgnore]
    public bool ConnectionsSurvived =>
        Connections is { AnnouncedCloses: 0, UnannouncedCloses: 0, ClosesUnderRequest: 0, Unsolicited: 0 }
        && Connections.Survived == Connections.OpenedAtBeginning;

    /// <summary>Returns the report as indented JSON with names in snake case, times in milliseconds.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ProveReportJson.Default.ProveReport);

    /// <summary>Reads a report that <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON text.</param>
    /// <exception cref="JsonException">The text is not such a report.</exception>
    public static ProveReport FromJson(string json) =>
        JsonSerializer.Deserialize(json, ProveReportJson.Default.ProveReport) ?? throw new JsonException("The report is null.");
}
