using Midstream.Control.Operators;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Faults;

/// <summary>A state directory that cannot be used: refused at the start, or survived under way.</summary>
public sealed class StateTests
{
    [Fact]
    public async Task Run_StateOfNewerVersion_IsRefusedAndLeftAlone()
    {
        using var folder = new TemporaryFolder();
        var state = Path.Combine(Directory.CreateDirectory(folder.In("state/tested")).FullName, "state.json");
        const string Newer = """{"format":99,"service":"tested"}""";
        File.WriteAllText(state, Newer);
        await using var service = MidstreamService.Launch(folder, folder.Working("first"));

        var program = await service.Supervisor.WaitAsync();

        Assert.Equal(1, program.ExitCode);
        Assert.Contains("written by a newer Midstream (format 99", program.Error, StringComparison.Ordinal);
        Assert.Equal(Newer, File.ReadAllText(state));
    }

    [Fact]
    public async Task Run_StateUnreadable_SaysWhichFile()
    {
        using var folder = new TemporaryFolder();
        var state = Path.Combine(Directory.CreateDirectory(folder.In("state/tested")).FullName, "state.json");
        File.WriteAllText(state, """{"format":1,"serv""");
        await using var service = MidstreamService.Launch(folder, folder.Working("first"));

        var program = await service.Supervisor.WaitAsync();

        Assert.Equal(1, program.ExitCode);
        Assert.Contains(state, program.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_StateDirectoryUnwritable_SaysSo()
    {
        using var folder = new TemporaryFolder();
        // That nobody gets as far as the state directory, and is refused there.
        File.SetUnixFileMode(folder.Path, File.GetUnixFileMode(folder.Path) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        var state = Directory.CreateDirectory(folder.In("state"), UnixFileMode.UserRead | UnixFileMode.UserExecute).FullName;
        var release = folder.Working("first");

        var program = await RunUnprivilegedAsync(
            ["run", release, "--name", "tested", "--state", state, "--listen", "http://127.0.0.1:0"]);

        Assert.Equal(1, program.ExitCode);
        Assert.Contains($"{state}/tested cannot be written", program.Error, StringComparison.Ordinal);
        Assert.Contains("--state", program.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_SecondSupervisorOfTheService_IsRefused()
    {
        await using var scene = await Scene.StartAsync();

        await using var second = MidstreamService.Launch(scene.Folder, scene.Folder.Working("second"));
        var program = await second.Supervisor.WaitAsync();

        Assert.Equal(4, program.ExitCode);
        Assert.Contains("A supervisor already runs the service 'tested'", program.Error, StringComparison.Ordinal);
        await scene.AssertFirstServesOnAsync();
    }

    // The disk is a tmpfs in a mount namespace of the supervisor's own, which the test reaches through /proc. Without root the
    // user namespace gives the right to mount.
    [Fact]
    public async Task Deploy_DiskFull_OldServesOnAndADeploymentWithRoomSucceeds()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.In("state"));
        var first = folder.Working("first");
        var second = folder.Working("second");
        File.WriteAllText(folder.In("midstream.json"), """{ "probation": { "duration_ms": 100 } }""");
        string[] run =
        [
            Repository.Program, "run", first, "--name", "tested", "--config", folder.In("midstream.json"),
            "--state", folder.In("state"), "--listen", "http://127.0.0.1:0",
        ];
        string[] unshare = Environment.IsPrivilegedProcess ? ["--mount"] : ["--mount", "--user", "--map-root-user"];
        await using var supervisor = RunningProgram.Start(
            "unshare",
            [.. unshare, "sh", "-c", "mount -t tmpfs -o size=4m small \"$0\" && exec \"$@\"", folder.In("state"), .. run]);
        await supervisor.WaitForTextAsync(" serves http");
        var state = $"/proc/{supervisor.Pid}/root{folder.In("state")}";
        var said = supervisor.Error;
        var url = new Uri(said[said.LastIndexOf("http://", StringComparison.Ordinal)..].Trim().TrimEnd('.'));
        await using var load = await SteadyLoad.StartAsync(url);
        using (var filling = File.Create(Path.Combine(state, "filling")))
            Assert.Throws<IOException>(() => Fill(filling));

        var full = await RunningProgram.RunAsync(Repository.Program, ["deploy", second, "--json", "--state", state]);

        var failed = Scene.ResultOf(full);
        Assert.Equal(1, full.ExitCode);
        Assert.Equal("release-store-failed", failed.Failure);
        Assert.Contains("no room left", failed.Reason, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(1, failed.Generation);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(state, "tested/releases"), ".incoming*"));

        File.Delete(Path.Combine(state, "filling"));
        var room = await RunningProgram.RunAsync(Repository.Program, ["deploy", second, "--json", "--state", state]);
        Assert.Equal(Outcomes.Committed, Scene.ResultOf(room).Outcome);
        await load.EndWithoutLossAsync();
        supervisor.Signal("TERM");
        Assert.Equal(0, (await supervisor.WaitAsync()).ExitCode);
    }

    private static void Fill(FileStream file)
    {
        var block = new byte[4096];
        while (true)
        {
            file.Write(block);
            file.Flush();
        }
    }

    // Root may write everywhere, so root becomes nobody for it.
    private static Task<ProgramResult> RunUnprivilegedAsync(string[] arguments) => Environment.IsPrivilegedProcess
        ? RunningProgram.RunAsync(
            "setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", Repository.Program, .. arguments])
        : RunningProgram.RunAsync(Repository.Program, arguments);
}
