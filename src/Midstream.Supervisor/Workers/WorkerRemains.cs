using Midstream.Linux;

namespace Midstream.Supervisor.Workers;

/// <summary>A worker that lives, without a supervisor's object around it: what one program hands to the next.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Release">The id of the release it was started from.</param>
/// <param name="StartedAt">When, UTC.</param>
/// <param name="Past">What it has been through.</param>
/// <param name="Process">Its process.</param>
internal sealed record WorkerRemains(
    WorkerName Name, string Release, DateTimeOffset StartedAt, WorkerPast Past, ProcessRemains Process);

/// <summary>A worker's process, without a supervisor's object around it.</summary>
/// <param name="Pid">Its process id.</param>
/// <param name="StartTime">When the process started, in clock ticks after boot.</param>
/// <param name="Channel">The supervisor's end of the control channel.</param>
/// <param name="Notify">The socket of its sd_notify messages.</param>
/// <param name="NotifyAddress">That socket's address.</param>
/// <param name="Output">The reading end of its standard output.</param>
/// <param name="PendingOutput">The bytes of an unfinished line.</param>
internal sealed record ProcessRemains(
    int Pid,
    ulong StartTime,
    FileDescriptor Channel,
    FileDescriptor Notify,
    string NotifyAddress,
    FileDescriptor Output,
    byte[] PendingOutput);
