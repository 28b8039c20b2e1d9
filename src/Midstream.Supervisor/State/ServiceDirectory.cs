using System.Diagnostics;
using Midstream.Linux;

namespace Midstream.Supervisor.State;

/// <summary>
/// The state directory of one service: which file is where, and the lock that makes sure of one supervisor.
/// </summary>
/// <param name="root">The root of all services' state.</param>
/// <param name="service">The service's name.</param>
public sealed class ServiceDirectory(string root, string service)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // A process of many threads and much memory takes its time to end, above all on a busy machine.
    private static readonly TimeSpan s_lastThreads = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(10);

    /// <summary>The name of the file that says what runs.</summary>
    public const string StateFileName = "state.json";

    /// <summary>Gets the directory.</summary>
    public string Path { get; } = System.IO.Path.Combine(root, service);

    /// <summary>Gets the file that says what runs.</summary>
    public string StateFile => In(StateFileName);

    /// <summary>Gets the socket on which operators reach the supervisor.</summary>
    public string ControlSocket => In("control.sock");

    /// <summary>Gets the file that whoever is the supervisor holds locked.</summary>
    public string Lock => In("lock");

    /// <summary>Gets the folder with an entry for each worker.</summary>
    public string Workers => In("workers");

    /// <summary>Gets the file of what is counted.</summary>
    public string Counters => In("counters.json");

    /// <summary>Gets the folder of releases.</summary>
    public string Releases => In("releases");

    /// <summary>Gets the folder of packages of modules.</summary>
    public string Modules => In("modules");

    /// <summary>Gets the file that says which modules are to be loaded.</summary>
    public string ModuleSet => In("modules.json");

    /// <summary>Gets the record of who changed what.</summary>
    public string Ledger => In("ledger.jsonl");

    /// <summary>Gets the file of the workers' output; rotated ones have a number appended.</summary>
    public string WorkerLog => System.IO.Path.Combine(Path, "logs", "worker.log");

    /// <summary>Makes the directory, for its owner alone, and locks it. A holder that was killed has its last threads' time to
    /// end; one that lives is not waited for.</summary>
    /// <returns>The lock; it is held until it is disposed of or the process ends, however it ends.</returns>
    /// <exception cref="SupervisorException">It cannot be written, or another supervisor holds the lock.</exception>
    public async Task<FileLock> OpenAsync()
    {
        try
        {
            Directory.CreateDirectory(Path, OwnerOnly);
            Directory.CreateDirectory(System.IO.Path.Combine(Path, "logs"), OwnerOnly);
            Directory.CreateDirectory(Workers, OwnerOnly);
            return await TryLockAsync() ?? throw new SupervisorException(
                SupervisorFailure.AlreadyRunning,
                $"A supervisor already runs the service '{service}' (its state is {Path}). Use 'midstream deploy' to " +
                    "replace what it " +
                "runs, 'midstream stop' to end it, or another --name.");
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            throw new SupervisorException(
                SupervisorFailure.StateUnusable,
                $"The state directory {Path} cannot be written: {denied.Message} Choose another with --state, or run as " +
                    "its owner.",
                denied);
        }
    }

    /// <summary>Removes what a supervisor that was killed in the middle of a write has left. Only whoever holds the lock may:
    /// nobody else writes then.</summary>
    internal void RemoveAbandoned_NeedsLock()
    {
        AtomicFile.RemoveAbandoned(Path);
        AtomicFile.RemoveAbandoned(Workers);
    }

    /// <summary>Lets workers that are another user or group reach the releases and the packages of modules, and nothing else:
    /// whoever is in that group may read one whose id is known.</summary>
    /// <param name="uid">The workers' user.</param>
    /// <param name="gid">The workers' group.</param>
    /// <exception cref="IOException">They cannot be let in, or are kept out by a folder above.</exception>
    public void LetWorkersIn(uint uid, uint gid)
    {
        FolderAccess.LetGroupEnter(Path, gid);
        FolderAccess.LetGroupEnter(Releases, gid);
        // It may be empty still: the first package comes when they run already.
        Directory.CreateDirectory(Modules, OwnerOnly);
        FolderAccess.LetGroupEnter(Modules, gid);
        if (FolderAccess.FirstClosedTo(Releases, uid, gid) is { } closed)
            throw new IOException(
                $"The workers' user ({uid}) cannot enter {closed}, which is above the releases. Choose another state " +
                    $"directory with --state, or let others enter (chmod o+x {closed}).");
    }

    private async Task<FileLock?> TryLockAsync()
    {
        var since = Stopwatch.GetTimestamp();
        var timesAlive = 0;
        while (true)
        {
            if (FileLock.TryAcquire(Lock) is { } taken)
                return taken;
            // Looked at twice: see ProcessEnd.
            timesAlive = FileLock.HolderOf(Lock) is { } holder && !ProcessEnd.HasBegun(holder) ? timesAlive + 1 : 0;
            if (timesAlive == 2 || Stopwatch.GetElapsedTime(since) > s_lastThreads)
                return null;
            await Task.Delay(s_look);
        }
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
