// Programs that are replaced, or that replace one, and report what they find. Each line is key=value on standard output.

using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace Midstream.Linux.Tests.Images;

internal static class Image
{
    private static readonly Dictionary<string, string> s_environment = Environment.GetEnvironmentVariables()
        .Cast<System.Collections.DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!);

    /// <summary>Gets what a test starts such an image with.</summary>
    internal static Dictionary<string, string> StartEnvironment => s_environment
        .Where(variable => variable.Key is "PATH" or "HOME" or "DOTNET_ROOT")
        .Append(new("DOTNET_EnableDiagnostics", "0"))
        .ToDictionary();

    /// <summary>Gets whether another user can run such an image: it, or .NET, may lie in a private folder.</summary>
    internal static bool IsForEverybody =>
        new[] { AppContext.BaseDirectory, Path.GetDirectoryName(typeof(object).Assembly.Location)! }.All(IsOpenToOthers);

    internal static string[] Command(params string[] arguments) => [Environment.ProcessPath!, "image", .. arguments];

    internal static async Task<int> RunAsync(string name, string[] arguments)
    {
        switch (name)
        {
            case "update": Update(); break;
            case "updated": await UpdatedAsync(arguments); break;
            case "becomes": Become(arguments[0], arguments[1..]); break;
            case "holds": Hold([.. arguments.Select(number => int.Parse(number, CultureInfo.InvariantCulture))]); break;
            case "held": await HeldAsync(); break;
            case "asks": Ask(arguments[0], arguments[1]); break;
            case "copies": Copy(int.Parse(arguments[0], CultureInfo.InvariantCulture)); break;
            case "deadline": Spin(int.Parse(arguments[0], CultureInfo.InvariantCulture)); break;
            case "orphans": await Orphans.RunAsync(); break;
            default: return 64;
        }

        return 0;
    }

    // Never comes to itself.
    private static void Spin(int milliseconds)
    {
        ProcessDeadline.Set(TimeSpan.FromMilliseconds(milliseconds));
        while (true)
            Thread.SpinWait(1000);
    }

    internal static void Say(string key, object? value)
    {
        Console.WriteLine($"{key}={value}");
        Console.Out.Flush();
    }

    /// <summary>Keeps a listener and two children, of which one ends at the very moment of the change.</summary>
    private static void Update()
    {
        var poller = new FdPoller();
        var spawner = new ProcessSpawner(poller);
        var listener = ListeningSocket.BindTcp(new IPEndPoint(IPAddress.Loopback, 0), 16);
        var (ours, theirs) = SocketPair.CreateStream();
        var living = spawner.Spawn(Shell("read x <&3; exit 5", theirs));
        // Its end of input is this program's end: the other end of its descriptor is not kept.
        var (closing, untilClosed) = SocketPair.CreateStream();
        var dying = spawner.Spawn(Shell("read x <&3; exit 7", untilClosed));
        theirs.Dispose();
        untilClosed.Dispose();
        var self = ProcessImage.OpenSelf();
        Say("before", Environment.ProcessId);
        SayFailure(() => ProcessImage.Replace("/no/such/program", ["x"], s_environment, [listener]));
        Say("afterFailure", $"{Descriptors.IsCloseOnExec(listener)} {IgnoresSigpipe()}");
        ProcessImage.Replace(
            ProcessImage.PathOf(self),
            [
                "midstream-test", "image", "updated", $"{listener.Number}", $"{ours.Number}",
                $"{living.Pid}", $"{living.StartTime}", $"{dying.Pid}", $"{dying.StartTime}",
            ],
            s_environment,
            [listener, ours]);
        GC.KeepAlive(closing);
    }

    private static async Task UpdatedAsync(string[] arguments)
    {
        Say("after", Environment.ProcessId);
        var numbers = arguments.Select(argument => int.Parse(argument, CultureInfo.InvariantCulture)).ToList();
        using var poller = new FdPoller();
        using var listener = FileDescriptor.Take(numbers[0]);
        Say("listener", ListeningSocket.LocalEndPoint(listener) is IPEndPoint { Port: > 0 });
        using var living = ChildProcess.AdoptChild(numbers[2], (ulong)numbers[3], poller)!;
        using var dying = ChildProcess.AdoptChild(numbers[4], (ulong)numbers[5], poller)!;
        Say("dying", await dying.Exited.WaitAsync(Scene.Deadline));
        Say("living", living.Exited.IsCompleted);
        FileDescriptor.Take(numbers[1]).Dispose();
        Say("ended", await living.Exited.WaitAsync(Scene.Deadline));
        Say("again", ChildProcess.AdoptChild(numbers[4], (ulong)numbers[5], poller) is null);
    }

    private static void Become(string program, string[] arguments)
    {
        using var file = File.OpenHandle("/dev/null");
        using var kept = FileDescriptor.DuplicateOf(file);
        Say("kept", kept.Number);
        ProcessImage.Replace(program, [program, .. arguments], new Dictionary<string, string> { ["ONLY"] = "this" }, [kept]);
    }

    private static void Hold(int[] held)
    {
        using var gate = FileDescriptor.Take(3);
        ProcessImage.Replace(Environment.ProcessPath!, ["midstream-test", "image", "held"], s_environment, [gate], held);
    }

    /// <summary>Says that it is there, and handles SIGHUP only when the test has sent it one.</summary>
    private static async Task HeldAsync()
    {
        using var gate = FileDescriptor.Take(3);
        Say("up", Environment.ProcessId);
        Descriptors.ReadText(gate);
        var heard = new TaskCompletionSource();
        using var registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            heard.TrySetResult();
        });
        ProcessImage.ReleaseSignals();
        await heard.Task.WaitAsync(Scene.Deadline);
        Say("heard", "SIGHUP");
    }

    /// <summary>Asks for one limit beyond what this process has.</summary>
    private static void Ask(string limit, string marker)
    {
        using var poller = new FdPoller();
        using var spawner = new ProcessSpawner(poller);
        try
        {
            using var child = spawner.Spawn(new SpawnRequest
            {
                Command = ["/usr/bin/touch", marker],
                Environment = new Dictionary<string, string>(),
                WorkingDirectory = "/",
                User = limit == "user" ? "daemon" : null,
                Group = limit == "group" ? "daemon" : null,
                Nice = limit == "nice" ? -1 : null,
                OpenFilesMax = limit == "files" ? 501 : null,
            });
            Say("started", child.Exited.Result);
        }
        catch (LinuxException refusal)
        {
            Say("refused", $"{refusal.Errno} {refusal.Message}");
        }
    }

    private static void Copy(int pid)
    {
        Say("copied", ProcessDescriptors.TryCopyFrom(pid, 0) is not null);
        Say("count", ProcessDescriptors.CountOf(pid));
    }

    private static bool IsOpenToOthers(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if ((at.UnixFileMode & UnixFileMode.OtherExecute) == 0)
                return false;
        }

        return true;
    }

    private static void SayFailure(Action action)
    {
        try
        {
            action();
        }
        catch (LinuxException failure)
        {
            Say("failure", $"{failure.Errno} {failure.Call}");
        }
    }

    private static bool IgnoresSigpipe()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal));
        return (ulong.Parse(line.AsSpan(7).Trim(), NumberStyles.HexNumber, null) & (1UL << (Signal.SIGPIPE - 1))) != 0;
    }

    private static SpawnRequest Shell(string script, FileDescriptor inherited) => new()
    {
        Command = ["/bin/sh", "-c", script],
        Environment = new Dictionary<string, string>(),
        WorkingDirectory = "/",
        Inherited = [inherited],
    };
}
