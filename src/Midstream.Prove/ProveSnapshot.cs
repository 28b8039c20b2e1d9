namespace Midstream.Prove;

// What can be said while a run is under way; the report says the rest.

/// <summary>
/// Describes a run at one moment. The counts are read one after another while requests end, so they may differ by a few.
/// </summary>
/// <param name="Elapsed">The time since the run began.</param>
/// <param name="Requests">Requests begun.</param>
/// <param name="Answered">Requests answered completely and correctly.</param>
/// <param name="Lost">Requests lost in any way.</param>
/// <param name="Wrong">Requests answered wrongly in any way.</param>
/// <param name="RequestsPerSecond">Requests begun a second since the snapshot before.</param>
/// <param name="Releases">The names of the releases that have answered, in the order in which they were first seen.</param>
/// <param name="Stopping">True once no new request begins and only those under way are finished.</param>
public sealed record ProveSnapshot(
    TimeSpan Elapsed,
    long Requests,
    long Answered,
    long Lost,
    long Wrong,
    double RequestsPerSecond,
    IReadOnlyList<string> Releases,
    bool Stopping);
