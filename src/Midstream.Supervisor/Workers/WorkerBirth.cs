using Midstream.Control.Workers;
using Midstream.Linux;
using Midstream.Supervisor.Logs;

namespace Midstream.Supervisor.Workers;

/// <summary>What a process was born with, on the supervisor's side.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Release">The id of the release it was started from.</param>
/// <param name="StartedAt">When, UTC.</param>
/// <param name="Process">The process.</param>
/// <param name="Channel">The supervisor's end of the control channel.</param>
/// <param name="Notify">Where its sd_notify messages arrive.</param>
/// <param name="Output">Reads what it writes.</param>
internal sealed record WorkerBirth(
    WorkerName Name,
    string Release,
    DateTimeOffset StartedAt,
    ChildProcess Process,
    WorkerChannel Channel,
    NotifyListener Notify,
    WorkerOutput Output);
