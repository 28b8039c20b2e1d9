// What most tests need: a poller, a spawner, a folder of its own, and a bound on every wait. Everything ends with it.

using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Midstream.Linux.Tests;

internal sealed class Scene : IDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(5);

    private readonly List<ChildProcess> _children = [];

    internal static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(30);

    internal FdPoller Poller { get; } = new();

    internal string Folder { get; } = Directory.CreateTempSubdirectory("midstream-linux-").FullName;

    internal ProcessSpawner Spawner => field ??= new ProcessSpawner(Poller);

    public void Dispose()
    {
        foreach (var child in _children)
        {
            child.SignalGroup(Signal.SIGKILL);
            child.Exited.Wait(Deadline);
            child.Dispose();
        }

        Spawner.Dispose();
        Poller.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    internal static int DescriptorCount()
    {
        // What earlier tests have abandoned is closed by finalizers, whenever they run: now, and not between two counts.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Directory.GetFileSystemEntries("/proc/self/fd").Length;
    }

    internal string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Starts a child whose standard output is a file, and returns both.</summary>
    internal (ChildProcess Child, string Output) Start(
        string[] command, Dictionary<string, string>? environment = null, SafeHandle[]? inherited = null, bool listenPid = false)
    {
        var output = PathOf($"output-{Guid.NewGuid():n}");
        using var file = File.OpenHandle(output, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        var child = Spawner.Spawn(new SpawnRequest
        {
            Command = command,
            Environment = environment ?? [],
            WorkingDirectory = Folder,
            StandardOutput = file,
            StandardError = file,
            Inherited = inherited ?? [],
            ExportListenPid = listenPid,
        });
        _children.Add(child);
        return (child, output);
    }

    /// <summary>Runs the witness's report and returns it by key.</summary>
    internal async Task<ILookup<string, string>> ReportAsync(
        Dictionary<string, string>? environment = null, SafeHandle[]? inherited = null, bool listenPid = false)
    {
        var (child, output) = Start([CCompiler.Witness, "report"], environment, inherited, listenPid);
        var exit = await child.Exited.WaitAsync(Deadline);
        var text = await File.ReadAllTextAsync(output, Encoding.UTF8);
        Assert.True(exit.Success, $"{exit}: {text}");
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.StartsWith("env:", StringComparison.Ordinal) ? ("env", line[4..]) : Split(line))
            .ToLookup(pair => pair.Item1, pair => pair.Item2.Trim());
    }

    /// <summary>Starts the witness in a mode in which it says a word and waits, and returns when it has said it.</summary>
    internal async Task<ChildProcess> StartUntilAsync(string word, string[] command, params SafeHandle[] inherited)
    {
        var (reading, writing) = SocketPair.CreateStream();
        using var reader = reading;
        ChildProcess child;
        using (writing)
        {
            child = Spawner.Spawn(new SpawnRequest
            {
                Command = command,
                Environment = new Dictionary<string, string>(),
                WorkingDirectory = Folder,
                StandardOutput = writing,
                Inherited = inherited,
            });
        }

        _children.Add(child);
        await Poller.WaitReadableAsync(reader).WaitAsync(Deadline);
        Assert.Equal(word + "\n", Descriptors.ReadText(reader));
        return child;
    }

    /// <summary>Waits for what nothing announces, such as the end of a process that is not ours.</summary>
    internal static async Task UntilAsync(Func<bool> condition)
    {
        for (var deadline = Stopwatch.StartNew(); !condition(); await Task.Delay(s_look))
            Assert.True(deadline.Elapsed < Deadline);
    }

    private static (string, string) Split(string line)
    {
        var equals = line.IndexOf('=', StringComparison.Ordinal);
        return (line[..equals], line[(equals + 1)..]);
    }
}
