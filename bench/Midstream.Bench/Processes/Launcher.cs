using System.Runtime.InteropServices;
using Midstream.Linux;

namespace Midstream.Bench.Processes;

/// <summary>
/// Starts the processes of a service, and ends all of them by their ids. Whatever they start in turn, and however far it moves
/// away from its parent, stays a descendant of this process, which is a subreaper: so nothing is forgotten in a sum or left
/// behind.
/// </summary>
internal sealed class Launcher : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(2);

    private readonly FdPoller _poller = new();
    private readonly ProcessSpawner _spawner;
    private readonly OrphanReaper _reaper;

    public Launcher()
    {
        OrphanReaper.BecomeSubreaper();
        _spawner = new ProcessSpawner(_poller);
        _reaper = new OrphanReaper();
    }

    /// <summary>Starts a program.</summary>
    /// <param name="folder">Where it runs, and where what it says is appended to the file <c>log</c>.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="environment">Variables beside this process's own.</param>
    /// <param name="listener">A listening socket, given as systemd would; null for none.</param>
    /// <returns>The process.</returns>
    public ChildProcess Start(
        string folder,
        IReadOnlyList<string> command,
        IReadOnlyDictionary<string, string>? environment = null,
        SafeHandle? listener = null)
    {
        using var log = File.OpenHandle(Path.Combine(folder, "log"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        var variables = OwnEnvironment();
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            variables[name] = value;
        if (listener is not null)
            variables["LISTEN_FDS"] = "1";
        return _spawner.Spawn(new SpawnRequest
        {
            Command = command,
            Environment = variables,
            WorkingDirectory = folder,
            Inherited = listener is null ? [] : [listener],
            ExportListenPid = listener is not null,
            StandardOutput = log,
            StandardError = log,
        });
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="BenchException">It failed, or did not end in time.</exception>
    public async Task RunAsync(
        string folder, IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var program = Start(folder, command, environment);
        var exit = await program.Exited.WaitAsync(Waiting.Patience);
        if (!exit.Success)
            throw new BenchException($"{string.Join(' ', command)} {exit}");
    }

    /// <summary>Ends every descendant: asked first, killed when it does not listen.</summary>
    public static async Task EndAllAsync()
    {
        var end = DateTime.UtcNow + s_patience;
        var asked = new HashSet<int>();
        while (ProcessTree.Descendants() is { Count: > 0 } left)
        {
            // Those whose parent has just ended have become children, and are asked now.
            foreach (var process in left.Where(process => process.Parent == Environment.ProcessId && asked.Add(process.Pid)))
                Signals.Send(process.Pid, Signal.SIGTERM);
            if (DateTime.UtcNow > end)
                Kill(left);
            await Task.Delay(s_interval);
        }
    }

    public void Dispose()
    {
        _reaper.Dispose();
        _spawner.Dispose();
        _poller.Dispose();
    }

    private static void Kill(IEnumerable<ProcessStat> processes)
    {
        foreach (var process in processes)
            Signals.Send(process.Pid, Signal.SIGKILL);
    }

    private static Dictionary<string, string> OwnEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!);
}
