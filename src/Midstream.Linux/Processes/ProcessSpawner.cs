// Starts every child from one thread that lives as long as the supervisor: a child's parent-death signal (prctl(2)) fires when
// the thread that started it ends, not the process, and pool threads end at any time.

using System.Collections.Concurrent;

namespace Midstream.Linux;

/// <summary>
/// Starts processes by posix_spawn(3), each in its own process group, with default signal actions, no blocked signal, and
/// exactly the descriptors it was given. Thread-safe. Needs glibc 2.34 or newer.
/// </summary>
public sealed class ProcessSpawner : IProcessSpawner, IDisposable
{
    private readonly Lock _gate = new();
    private readonly BlockingCollection<Action> _work = [];
    private readonly FdPoller _poller;
    private readonly Thread _thread;
    private bool _disposed;

    /// <summary>Creates the spawner and starts its thread.</summary>
    /// <param name="poller">What the ends of the children are awaited with; must outlive them.</param>
    public ProcessSpawner(FdPoller poller)
    {
        ArgumentNullException.ThrowIfNull(poller);
        _poller = poller;
        _thread = new Thread(Run) { IsBackground = true, Name = "midstream-spawner" };
        _thread.Start();
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The spawner is disposed.</exception>
    public ChildProcess Spawn(SpawnRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Command.Count == 0 || request.Command[0].Length == 0)
            throw new ArgumentException("The command is empty: its first entry names the program.", nameof(request));
        var done = new TaskCompletionSource<ChildProcess>();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _work.Add(() => Complete(done, request));
        }

        return done.Task.GetAwaiter().GetResult();
    }

    /// <summary>Ends the thread. Children live on, but those with a parent-death signal receive it now.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            _work.CompleteAdding();
        }

        _thread.Join();
        _work.Dispose();
    }

    private static (string Path, IReadOnlyList<string> Arguments) Resolve(SpawnRequest request)
    {
        if (!Directory.Exists(request.WorkingDirectory))
            throw new LinuxException(Errno.ENOENT, "chdir", $"The working directory {request.WorkingDirectory} does not exist");
        var program = ExecutablePath.Resolve(request);
        if (SpawnLimits.FindProblems(request) is [var problem, ..])
            throw problem;
        return SpawnShim.IsNeededFor(request)
            ? (SpawnShim.Shell, SpawnShim.ArgumentsFor(request, program))
            : (program, request.Command);
    }

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
            work();
    }

    private void Complete(TaskCompletionSource<ChildProcess> done, SpawnRequest request)
    {
        try
        {
            var (path, arguments) = Resolve(request);
            ChildProcess child;
            lock (ChildRegistry.Gate)
                child = ChildProcess.Watch(PosixSpawn.Start(path, arguments, request), _poller);
            done.SetResult(child);
        }
        catch (Exception failure)
        {
            // Every failure belongs to the caller who asked; the thread must go on.
            done.SetException(failure);
        }
    }
}
