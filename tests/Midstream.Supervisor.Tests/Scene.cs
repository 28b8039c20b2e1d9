// A folder of the test's own, and real processes with all that a supervisor holds of a worker.

using System.Runtime.InteropServices;
using Midstream.Control.Workers;
using Midstream.Core.Configuration;
using Midstream.Linux;
using Midstream.Supervisor.Logs;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Tests;

internal sealed class Scene : IAsyncDisposable
{
    private readonly List<Worker> _workers = [];
    private readonly ProcessSpawner _spawner;
    private readonly OutputLog _log;

    internal Scene()
    {
        _spawner = new ProcessSpawner(Poller);
        _log = new OutputLog(In("worker.log"), new LogsModel { SizeMaxBytes = 1_000_000, FilesMax = 2 });
    }

    internal static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    internal string Folder { get; } = Directory.CreateTempSubdirectory("midstream-test-").FullName;

    internal FdPoller Poller { get; } = new();

    internal RecordingObserver Observer { get; } = new();

    internal string In(string name) => Path.Combine(Folder, name);

    /// <summary>Starts a real process as a generation; it speaks no protocol and ends when killed.</summary>
    internal Worker Launch(long generation) => Launch(generation, ["/bin/sh", "-c", "exec sleep 600"]);

    /// <summary>Starts a program as a generation, with descriptors from 3 on.</summary>
    internal Worker Launch(long generation, string[] command, params SafeHandle[] inherited) =>
        Launch(generation, command, new Dictionary<string, string>(), inherited);

    /// <summary>Starts a program as a generation, with an environment and with descriptors from 3 on.</summary>
    internal Worker Launch(
        long generation, string[] command, Dictionary<string, string> environment, params SafeHandle[] inherited)
    {
        var (output, writer) = WorkerOutput.Open(new WorkerName(generation, 1), Poller, _log, Observer);
        var (channel, remote) = SeqPacketChannel.CreatePair(Poller);
        using (writer)
        using (remote)
        {
            var process = _spawner.Spawn(new SpawnRequest
            {
                Command = command,
                Environment = environment,
                WorkingDirectory = Folder,
                StandardOutput = writer,
                StandardError = writer,
                Inherited = [.. inherited, remote],
            });
            var worker = new Worker(new WorkerBirth(
                new WorkerName(generation, 1), "0123456789ab", DateTimeOffset.UtcNow,
                new WorkerProcess(process, new WorkerChannel(channel), new NotifyListener(Poller), output)));
            _workers.Add(worker);
            return worker;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.KillAsync();
            await worker.DisposeAsync();
        }

        _spawner.Dispose();
        _log.Dispose();
        Poller.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
