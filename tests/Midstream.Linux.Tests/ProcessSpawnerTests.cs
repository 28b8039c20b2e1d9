using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Midstream.Linux.Tests;

public sealed class ProcessSpawnerTests
{
    private static Dictionary<string, string> Path => new() { ["PATH"] = "/usr/bin:/bin" };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Spawn_WithInheritedDescriptors_PassesExactlyThose(bool listenPid)
    {
        using var scene = new Scene();
        using var leaked = new LeakedDescriptors();
        var (first, second) = SocketPair.CreateStream();
        using var one = first;
        using var two = second;
        var report = await scene.ReportAsync(Path, [one, two, one], listenPid);
        Assert.Equal("0 1 2 3 4 5", report["fds"].Single());
        Assert.Equal("/dev/null", report["stdin"].Single());
        Assert.Equal(scene.Folder, report["cwd"].Single());
    }

    [Fact]
    public async Task Spawn_DescriptorsNumberedLikeTheirTargetsButCrossed_ArriveInTheOrderGiven()
    {
        using var scene = new Scene();
        // So many that their own numbers are among the targets', and in reverse: one copied directly would overwrite another.
        var pairs = Enumerable.Range(0, 250).Select(_ => SocketPair.CreateStream()).ToList();
        var inherited = pairs.Select(pair => pair.First).OrderByDescending(end => end.Number).ToArray<SafeHandle>();
        var script = string.Concat(Enumerable.Range(3, inherited.Length).Select(fd => $"readlink /proc/self/fd/{fd};"));
        Assert.Contains(inherited, end => (int)end.DangerousGetHandle() < 3 + inherited.Length);
        var expected = inherited.Select(end => Descriptors.LinkOf(end)).ToList();
        var (child, output) = scene.Start(["/bin/sh", "-c", script], Path, inherited);
        Assert.True((await child.Exited.WaitAsync(Scene.Deadline)).Success);
        Assert.Equal(expected, await File.ReadAllLinesAsync(output));
        pairs.ForEach(pair => pair.First.Dispose());
        pairs.ForEach(pair => pair.Second.Dispose());
    }

    [Fact]
    public async Task Spawn_ExportListenPid_EqualsThePidAndKeepsEveryVariable()
    {
        using var scene = new Scene();
        var environment = new Dictionary<string, string>(Path)
        {
            ["LISTEN_FDS"] = "0",
            ["Logging:LogLevel"] = "a b",
            ["with.dot"] = "=x",
        };
        var (child, output) = scene.Start([CCompiler.Witness, "report"], environment, null, listenPid: true);
        await child.Exited.WaitAsync(Scene.Deadline);
        var lines = await File.ReadAllLinesAsync(output);
        Assert.Contains($"pid={child.Pid}", lines);
        Assert.Contains($"env:LISTEN_PID={child.Pid}", lines);
        Assert.Contains("env:LISTEN_FDS=0", lines);
        Assert.Contains("env:Logging:LogLevel=a b", lines);
        Assert.Contains("env:with.dot==x", lines);
    }

    [Fact]
    public async Task Spawn_Environment_IsExactlyTheOneGiven()
    {
        using var scene = new Scene();
        var report = await scene.ReportAsync(new() { ["ONLY"] = "this", ["ALSO"] = "ä=b" });
        Assert.Equal(["ALSO=ä=b", "ONLY=this"], report["env"].Order());
    }

    [Fact]
    public async Task Spawn_SignalsAndGroup_AreAsIfFresh()
    {
        using var scene = new Scene();
        var report = await scene.ReportAsync();
        Assert.Equal("", report["ignored"].Single()); // .NET itself ignores SIGPIPE.
        Assert.Equal("", report["blocked"].Single());
        Assert.Equal(report["pid"].Single(), report["pgid"].Single());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(255)]
    public async Task Exited_AfterAnExit_TellsTheCode(int code)
    {
        using var scene = new Scene();
        var (child, _) = scene.Start([CCompiler.Witness, "exit", code.ToString(CultureInfo.InvariantCulture)]);
        var exit = await child.Exited.WaitAsync(Scene.Deadline);
        Assert.Equal(ProcessExit.WithCode(code), exit);
        Assert.Equal($"exited with code {code}", exit.ToString());
        Assert.Null(ProcessStat.TryRead(child.Pid)); // Reaped: no zombie is left.
    }

    [Theory]
    [InlineData(Signal.SIGKILL, "was killed by SIGKILL")]
    [InlineData(Signal.SIGPIPE, "was killed by SIGPIPE")]
    [InlineData(40, "was killed by signal 40")]
    public async Task Exited_AfterASignal_TellsWhich(int signal, string words)
    {
        using var scene = new Scene();
        var (child, _) = scene.Start([CCompiler.Witness, "raise", signal.ToString(CultureInfo.InvariantCulture)]);
        var exit = await child.Exited.WaitAsync(Scene.Deadline);
        Assert.Equal(signal, exit.KilledBy);
        Assert.Equal(words, exit.ToString());
    }

    [Fact]
    public async Task Exited_OfAHundredBesideProcessStart_AreAllRight()
    {
        using var scene = new Scene();
        var theirs = Enumerable.Range(0, 100).Select(i => Task.Run(async () =>
        {
            using var process = Process.Start(CCompiler.Witness, ["exit", $"{i + 100}"]);
            await process.WaitForExitAsync();
            return process.ExitCode;
        })).ToList();
        var ours = Enumerable.Range(0, 100).Select(i => Task.Run(
            () => scene.Spawner.Spawn(Request(scene, CCompiler.Witness, "exit", $"{i}")))).ToList();
        for (var i = 0; i < 100; i++)
        {
            using var child = await ours[i].WaitAsync(Scene.Deadline);
            Assert.Equal(ProcessExit.WithCode(i), await child.Exited.WaitAsync(Scene.Deadline));
            Assert.Equal(i + 100, await theirs[i].WaitAsync(Scene.Deadline));
        }
    }

    [Fact]
    public async Task Signal_LivingThenReaped_ReachesItThenNobody()
    {
        using var scene = new Scene();
        var child = await scene.StartUntilAsync("waiting", [CCompiler.Witness, "wait"]);
        Assert.True(child.Signal(0));
        Assert.Equal(ProcessStat.TryRead(child.Pid)!.Value.StartTime, child.StartTime);
        Assert.True(child.Signal(Signal.SIGTERM));
        Assert.Equal(Signal.SIGTERM, (await child.Exited.WaitAsync(Scene.Deadline)).KilledBy);
        Assert.False(child.Signal(0));
        Assert.False(child.SignalGroup(0));
    }

    [Fact]
    public async Task SignalGroup_LeaderReapedButAMemberLeft_ReachesTheMember()
    {
        using var scene = new Scene();
        var child = await scene.StartUntilAsync("forked", [CCompiler.Witness, "fork"]);
        Assert.True((await child.Exited.WaitAsync(Scene.Deadline)).Success);
        var member = Assert.Single(ProcessStat.OfGroup(child.Pid));
        Assert.True(child.SignalGroup(Signal.SIGKILL));
        await Scene.UntilAsync(() => ProcessStat.TryRead(member.Pid) is null or { State: 'Z' });
    }

    [Fact]
    public async Task SignalGroup_NoDescriptorsLeft_ReachesTheLivingAndSaysThatNobodyIsLeft()
    {
        using var scene = new Scene();
        var child = await scene.StartUntilAsync("waiting", [CCompiler.Witness, "wait"]);
        using (ResourceLimit.OnNewDescriptors())
        {
            Assert.True(child.SignalGroup(Signal.SIGKILL));
            await child.Exited.WaitAsync(Scene.Deadline);
            Assert.False(child.SignalGroup(Signal.SIGKILL));
        }
    }

    [Fact]
    public async Task Dispose_OfALivingChild_StillReapsIt()
    {
        using var scene = new Scene();
        var child = await scene.StartUntilAsync("waiting", [CCompiler.Witness, "wait"]);
        child.Dispose();
        Assert.Throws<ObjectDisposedException>(() => child.Signal(0));
        Assert.True(child.SignalGroup(Signal.SIGKILL));
        await child.Exited.WaitAsync(Scene.Deadline);
        Assert.Null(ProcessStat.TryRead(child.Pid));
    }

    [Fact]
    public async Task Spawn_FromAThreadThatEnds_DoesNotFireTheParentDeathSignal()
    {
        using var scene = new Scene();
        Task<ChildProcess>? start = null;
        var thread = new Thread(() => start = Task.Run(() => scene.StartUntilAsync("set", [CCompiler.Witness, "pdeathsig"])));
        thread.Start();
        thread.Join();
        var child = await start!.WaitAsync(Scene.Deadline);
        Assert.True(child.Signal(0));
        Assert.False(child.Exited.IsCompleted);
        // The control: it fires when the spawner's own thread ends.
        scene.Spawner.Dispose();
        Assert.Equal(Signal.SIGKILL, (await child.Exited.WaitAsync(Scene.Deadline)).KilledBy);
    }

    [Fact]
    public void Spawn_ProgramMissing_SaysWhichAndWhereItWasLookedFor()
    {
        using var scene = new Scene();
        var inPath = Fails(scene, "no-such-program");
        Assert.Equal(Errno.ENOENT, inPath.Errno);
        Assert.Contains("no-such-program was not found in PATH (/usr/bin:/bin)", inPath.Message, StringComparison.Ordinal);
        var relative = Fails(scene, "./here");
        Assert.Equal(Errno.ENOENT, relative.Errno);
        Assert.Contains(scene.Folder, relative.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Spawn_ProgramNotExecutable_SaysSo()
    {
        using var scene = new Scene();
        File.WriteAllText(scene.PathOf("program"), "");
        File.SetUnixFileMode(scene.PathOf("program"), UnixFileMode.UserRead);
        var failure = Fails(scene, "./program");
        Assert.Equal(Errno.EACCES, failure.Errno);
        Assert.Contains("not executable", failure.Message, StringComparison.Ordinal);
        Assert.Equal(Errno.EACCES, Fails(scene, "./").Errno);
    }

    [Fact]
    public void Spawn_InterpreterMissing_ReportsTheKernelsError()
    {
        using var scene = new Scene();
        File.WriteAllText(scene.PathOf("script"), "#!/no/such/interpreter\n");
        File.SetUnixFileMode(scene.PathOf("script"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var failure = Fails(scene, "./script");
        Assert.Equal((Errno.ENOENT, "posix_spawn"), (failure.Errno, failure.Call));
    }

    [Fact]
    public void Spawn_FolderMissing_SaysWhich()
    {
        using var scene = new Scene();
        var request = new SpawnRequest
        {
            Command = ["true"],
            Environment = Path,
            WorkingDirectory = scene.PathOf("nowhere"),
        };
        var failure = Assert.Throws<LinuxException>(() => scene.Spawner.Spawn(request));
        Assert.Contains(scene.PathOf("nowhere"), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Spawn_ImpossibleTexts_AreRefused()
    {
        using var scene = new Scene();
        Assert.Throws<ArgumentException>(() => scene.Spawner.Spawn(Request(scene)));
        Assert.Throws<ArgumentException>(() => scene.Spawner.Spawn(Request(scene, "true", "a\0b")));
        var request = new SpawnRequest
        {
            Command = ["/bin/true"],
            Environment = new Dictionary<string, string> { ["A=B"] = "" },
            WorkingDirectory = "/",
        };
        Assert.Throws<ArgumentException>(() => scene.Spawner.Spawn(request));
    }

    [Fact]
    public async Task Spawn_ProgramWithoutSlash_IsFoundInTheGivenPathRelativeToTheFolder()
    {
        using var scene = new Scene();
        Directory.CreateDirectory(scene.PathOf("bin"));
        File.CreateSymbolicLink(scene.PathOf("bin/mine"), "/bin/true");
        var request = new SpawnRequest
        {
            Command = ["mine"],
            Environment = new Dictionary<string, string> { ["PATH"] = "/nowhere:bin" },
            WorkingDirectory = scene.Folder,
        };
        using var child = scene.Spawner.Spawn(request);
        Assert.True((await child.Exited.WaitAsync(Scene.Deadline)).Success);
    }

    [Fact]
    public async Task Spawn_AHundredTimes_LeavesTheDescriptorCountFlat()
    {
        using var scene = new Scene();
        _ = scene.Spawner;
        var before = Scene.DescriptorCount();
        for (var i = 0; i < 100; i++)
        {
            using var child = scene.Spawner.Spawn(Request(scene, "true"));
            await child.Exited.WaitAsync(Scene.Deadline);
            Fails(scene, "no-such-program");
        }

        Assert.InRange(Scene.DescriptorCount(), 0, before + 5);
    }

    [Fact]
    public async Task Spawn_NoDescriptorLeftToWatchTheChild_KillsAndReapsIt()
    {
        using var scene = new Scene();
        var request = Request(scene, CCompiler.Witness, "wait");
        await scene.Spawner.Spawn(Request(scene, "true")).Exited.WaitAsync(Scene.Deadline); // Everything is loaded by now.
        LinuxException failure;
        using (ResourceLimit.OnNewDescriptors())
            failure = Assert.Throws<LinuxException>(() => scene.Spawner.Spawn(request));
        Assert.Equal((Errno.EMFILE, "pidfd_open"), (failure.Errno, failure.Call));
        Assert.Equal("", CCompiler.Run("pgrep", "-P", $"{Environment.ProcessId}", "-f", CCompiler.Witness).Output);
    }

    [Theory]
    [InlineData("TERM", Signal.SIGTERM)]
    [InlineData("sigusr1", Signal.SIGUSR1)]
    [InlineData("SIGWINCH", Signal.SIGWINCH)]
    [InlineData("nonsense", 0)]
    [InlineData("", 0)]
    [InlineData(null, 0)]
    public void TryParse_SignalNames_AreFound(string? name, int expected)
    {
        Assert.Equal(expected > 0, Signal.TryParse(name, out var number));
        Assert.Equal(expected, number);
    }

    private static SpawnRequest Request(Scene scene, params string[] command) =>
        new() { Command = command, Environment = Path, WorkingDirectory = scene.Folder };

    private static LinuxException Fails(Scene scene, string program) =>
        Assert.Throws<LinuxException>(() => scene.Spawner.Spawn(Request(scene, program)));

    /// <summary>Descriptors without close-on-exec, as careless libraries and parents leave them.</summary>
    private sealed class LeakedDescriptors : IDisposable
    {
        private readonly List<FileDescriptor> _leaked = [];

        internal LeakedDescriptors()
        {
            using var file = File.OpenHandle("/dev/null");
            for (var i = 0; i < 20; i++)
                _leaked.Add(FileDescriptor.DuplicateOf(file));
            _leaked.ForEach(Descriptors.Leak);
        }

        public void Dispose() => _leaked.ForEach(descriptor => descriptor.Dispose());
    }
}
