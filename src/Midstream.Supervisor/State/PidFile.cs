using Midstream.Linux;

namespace Midstream.Supervisor.State;

/// <summary>
/// The file with the supervisor's process id, for who finds it so: there from the moment the service serves until it has
/// stopped. It is a report and nothing else: that it cannot be written or removed any more changes nothing.
/// </summary>
/// <remarks>Not thread-safe: it is moved at the start, and within an operation.</remarks>
/// <param name="path">The file that the program before in this process has written; null for none.</param>
/// <param name="observer">Told of what cannot be written.</param>
internal sealed class PidFile(string? path, ISupervisorObserver observer)
{
    private string? _path = path;

    /// <summary>Makes sure that a pid file can be written, before anything depends on it.</summary>
    /// <param name="path">The file; null for none.</param>
    /// <exception cref="SupervisorException">It cannot be.</exception>
    public static void Check(string? path)
    {
        if (path is not null && ProcessIdFile.FindObstacle(path) is { } obstacle)
            throw new SupervisorException(
                SupervisorFailure.PidFileUnusable,
                $"The pid file cannot be written: {obstacle} Make its folder, as the supervisor's user may write it, or choose " +
                    "another (pid_file, --pid-file).");
    }

    /// <summary>Writes the file, unless it says the same already; one at another place is removed.</summary>
    /// <param name="path">Where it is to be; null for nowhere.</param>
    public void MoveTo(string? path)
    {
        // The old one first: by links, both paths may lead to one file.
        if (path != _path)
            Remove();
        _path = path;
        if (path is not null)
            Try(() => Write(path));
    }

    /// <summary>Removes the file, if it holds this process's id.</summary>
    public void Remove()
    {
        if (_path is { } path)
            Try(() => ProcessIdFile.RemoveOwn(path));
    }

    private static void Write(string path)
    {
        if (ProcessIdFile.FindObstacle(path) is { } obstacle)
            throw new IOException(obstacle);
        if (ProcessIdFile.HolderOf(path) != Environment.ProcessId)
            ProcessIdFile.Write(path);
    }

    private void Try(Action change)
    {
        try
        {
            change();
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            observer.Error("PidFileNotWritten", $"The pid file could not be kept up to date: {denied.Message}");
        }
    }
}
