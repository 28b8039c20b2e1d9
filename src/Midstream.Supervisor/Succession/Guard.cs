using System.Globalization;
using System.Runtime.InteropServices;
using Midstream.Linux;

namespace Midstream.Supervisor.Succession;

/// <summary>
/// Stands by while a supervisor becomes another program: the present program, as a child, holding everything open. It goes when
/// the new program says that it is in charge. If that one ends or says nothing in time, the guard ends it and becomes the
/// supervisor itself, under its own process id.
/// </summary>
public static class Guard
{
    /// <summary>The name of the command by which a program is started as a guard.</summary>
    public const string Command = "guard";

    // The first inherited descriptor; the estate's follow.
    private const int WordDescriptor = 3;

    /// <summary>What the new program says when it is in charge. Rubbish written by a program that knows of no guard is not
    /// it.</summary>
    internal static readonly byte[] Word = "in charge"u8.ToArray();

    /// <summary>Starts a guard.</summary>
    /// <param name="spawner">Starts it.</param>
    /// <param name="estate">What it is to hold.</param>
    /// <param name="open">The estate's descriptors.</param>
    /// <returns>The guard, and the connection by which the new program gives it its word.</returns>
    /// <exception cref="LinuxException">It cannot be started.</exception>
    internal static (ChildProcess Process, FileDescriptor Word) Start(
        IProcessSpawner spawner, Estate estate, IReadOnlyDictionary<int, FileDescriptor> open)
    {
        var (mine, theirs) = SocketPair.CreateStream();
        using var given = theirs;
        var numbers = open.Keys.ToList();
        int Renumbered(int number) => WordDescriptor + 1 + numbers.IndexOf(number);
        var itsEstate = estate.Renumbered(Renumbered);
        using var file = itsEstate.ToMemoryFile();
        var environment = Successor.Variables();
        environment[Estate.VariableName] = $"{WordDescriptor + 1 + numbers.Count}";
        var own = $"/proc/{Environment.ProcessId}/fd/{open[estate.Program].Number}";
        var start = ProcessStat.TryRead(Environment.ProcessId)?.StartTime ?? 0;
        var process = spawner.Spawn(new SpawnRequest
        {
            Command = [own, Command, $"{Environment.ProcessId}", $"{start}", "--", .. Successor.CommandLine],
            WorkingDirectory = Environment.CurrentDirectory,
            Environment = environment,
            Inherited = [theirs, .. numbers.Select(number => (SafeHandle)open[number]), file],
        });
        return (process, mine);
    }

    /// <summary>Is the guard.</summary>
    /// <param name="arguments">The process to guard, when it was started in clock ticks after boot, and its command line.</param>
    /// <returns>A task that ends when the guard is not needed any more.</returns>
    public static async Task RunAsync(IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var pid = int.Parse(arguments[0], CultureInfo.InvariantCulture);
        var startTime = ulong.Parse(arguments[1], CultureInfo.InvariantCulture);
        var estate = OpenEstate.Take()
            ?? throw new SupervisorException(SupervisorFailure.StateUnusable, "A guard is started by a supervisor only.");
        using var poller = new FdPoller();
        using var supervisor = ChildProcess.AdoptStranger(pid, startTime, poller);
        var patience = estate.Estate.Timeout;
        if (await HasTheWordAsync(patience))
            return;

        // They end with it otherwise, and nobody would have heard the wish to stop.
        var waiting = PendingSignals.Of(pid, Successor.Held);
        supervisor?.Signal(Signal.SIGKILL);
        if (supervisor is not null)
            await supervisor.Exited;
        Successor.CommandLine = [.. arguments.Skip(2)];
        estate.GiveBack($"The new program did not take charge within {patience.TotalSeconds:0.#} s, or ended; the old one goes " +
            $"on as process {Environment.ProcessId}.", waiting);
    }

    private static async Task<bool> HasTheWordAsync(TimeSpan within)
    {
        using var word = FileDescriptor.Take(WordDescriptor).ToSocket();
        using var patience = new CancellationTokenSource(within);
        try
        {
            var heard = new byte[Word.Length + 1];
            var count = await word.ReceiveAsync(heard, patience.Token);
            return heard.AsSpan(0, count).SequenceEqual(Word);
        }
        catch (Exception silence) when (silence is OperationCanceledException or System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
