using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.State;

/// <summary>A listening socket as the workers know it, so that another supervisor can tell which one it is.</summary>
/// <param name="Id">Its id in the worker protocol.</param>
/// <param name="Name">Its name in LISTEN_FDNAMES.</param>
/// <param name="Url">Its address, with the port the kernel chose where 0 was asked for.</param>
/// <param name="Scheme">What is spoken on it.</param>
/// <param name="EndPoint">The address and port it was configured with; null for a Unix socket.</param>
/// <param name="UnixPath">The path of a Unix socket; null for an address.</param>
/// <param name="Mode">The file mode of a Unix socket.</param>
/// <param name="Owner">The owner of a Unix socket; null when none was configured.</param>
/// <param name="IsForeign">Whether its path is somebody else's to remove.</param>
internal sealed record SocketRecord(
    int Id, string Name, string Url, string Scheme, string? EndPoint, string? UnixPath, UnixFileMode Mode, string? Owner,
    bool IsForeign = false);

/// <summary>What another supervisor must know of a worker before it can ask it.</summary>
/// <param name="Generation">Its generation.</param>
/// <param name="Slot">The slot it has; 0 while it waits in the reserve for whichever needs it first.</param>
/// <param name="Release">The release it was started from.</param>
/// <param name="Pid">Its process id.</param>
/// <param name="StartTime">When the process started, in clock ticks after boot: with the pid it means this process and no later
/// one.</param>
/// <param name="StartedAt">When it was started, UTC.</param>
/// <param name="Sockets">The listening sockets it inherited.</param>
/// <param name="StartedFor">The slot it was started for; null when that is the one it has.</param>
internal sealed record WorkerRecord(
    long Generation,
    int Slot,
    string Release,
    int Pid,
    ulong StartTime,
    DateTimeOffset StartedAt,
    IReadOnlyList<SocketRecord> Sockets,
    int? StartedFor = null)
{
    /// <summary>Gets the worker's name.</summary>
    public WorkerName Name => new(Generation, StartedFor ?? Slot);
}
