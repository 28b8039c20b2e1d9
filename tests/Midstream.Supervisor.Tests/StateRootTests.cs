// Where state is kept, and which services there are.

using System.Diagnostics;
using Midstream.Linux;
using Midstream.Supervisor.State;
using Midstream.TestKit;

namespace Midstream.Supervisor.Tests;

public sealed class StateRootTests
{
    [Theory]
    [InlineData("/opt/s", "/var/v", "/xdg", true, "/opt/s")]
    [InlineData(null, "/var/v", "/xdg", true, "/var/v")]
    [InlineData("", "", "/xdg", true, "/var/lib/midstream")]
    [InlineData(null, null, "/xdg", true, "/var/lib/midstream")]
    [InlineData(null, null, "/xdg", false, "/xdg/midstream")]
    [InlineData(null, null, "", false, "/home/ann/.local/state/midstream")]
    [InlineData(null, null, null, false, "/home/ann/.local/state/midstream")]
    [InlineData("/opt/../srv", null, null, false, "/srv")]
    public void Find_OfOptionVariableRootAndHome_TakesTheFirst(
        string? option, string? variable, string? xdg, bool isRoot, string expected)
    {
        var environment = new Dictionary<string, string?>
        {
            [StateRoot.VariableName] = variable,
            ["XDG_STATE_HOME"] = xdg,
            ["HOME"] = "/home/ann",
        };

        Assert.Equal(expected, StateRoot.Find(option, environment.GetValueOrDefault, isRoot));
    }

    // "If an implementation encounters a relative path in any of these variables
    // it should consider the path invalid and ignore it."
    [Theory]
    [InlineData("state", "/home/ann", "/home/ann/.local/state/midstream")]
    [InlineData("./state", "", "/tmp/.local/state/midstream")]
    [InlineData(null, "", "/tmp/.local/state/midstream")]
    public void Find_WithVariablesThatAreNoAbsolutePaths_IgnoresThem(string? xdg, string home, string expected)
    {
        var environment = new Dictionary<string, string?> { ["XDG_STATE_HOME"] = xdg, ["HOME"] = home };

        Assert.Equal(expected, StateRoot.Find(null, environment.GetValueOrDefault, isRoot: false));
    }

    [Fact]
    public void Find_OfARelativeOption_IsBelowTheWorkingFolder() =>
        Assert.Equal(Path.Combine(Environment.CurrentDirectory, "state"), StateRoot.Find("state", _ => null, isRoot: false));

    [Fact]
    public async Task Services_UnderARoot_AreThoseWithAState()
    {
        await using var scene = new Scene();
        foreach (var name in (string[])["web", "api", "empty"])
            Directory.CreateDirectory(scene.In(name));
        ServiceState.Initial("web").Write(new ServiceDirectory(scene.Folder, "web").StateFile);
        ServiceState.Initial("api").Write(new ServiceDirectory(scene.Folder, "api").StateFile);

        Assert.Equal(["api", "web"], StateRoot.Services(scene.Folder));
        Assert.Empty(StateRoot.Services(scene.In("nowhere")));
    }

    [Fact]
    public async Task Open_OfADirectoryInUse_SaysSo()
    {
        await using var scene = new Scene();
        var directory = new ServiceDirectory(scene.Folder, "web");
        var clock = Stopwatch.StartNew();
        using (await directory.OpenAsync())
        {
            var refused = await Assert.ThrowsAsync<SupervisorException>(directory.OpenAsync);
            Assert.Equal(SupervisorFailure.AlreadyRunning, refused.Failure);
        }

        // Who lives is not waited for.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(4));
        (await directory.OpenAsync()).Dispose();
    }

    [Fact]
    public async Task Open_WhileTheThreadsOfAKilledHolderEnd_WaitsForThem()
    {
        await using var scene = new Scene();
        var directory = new ServiceDirectory(scene.Folder, "web");
        (await directory.OpenAsync()).Dispose();
        // As after kill -9, for longer: the first thread has ended, and another holds the lock still.
        await using var holder = RunningProgram.Start("python3", ["-c", """
            import ctypes, fcntl, os, platform, sys, threading, time
            lock = open(sys.argv[1], "w")
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            threading.Thread(target=lambda: (time.sleep(1), os._exit(0))).start()
            print("held", flush=True)
            exit = {"x86_64": 60, "aarch64": 93}[platform.machine()]
            ctypes.CDLL(None).syscall(exit, 0)
            """, directory.Lock]);
        await holder.WaitForTextAsync("held");

        using var taken = await directory.OpenAsync();

        Assert.Equal(Environment.ProcessId, FileLock.HolderOf(directory.Lock));
    }

    [Fact]
    public async Task Open_WhereAFileIsInTheWay_SaysThatTheStateIsUnusable()
    {
        await using var scene = new Scene();
        await File.WriteAllTextAsync(scene.In("web"), "");

        var refused = await Assert.ThrowsAsync<SupervisorException>(new ServiceDirectory(scene.Folder, "web").OpenAsync);

        Assert.Equal(SupervisorFailure.StateUnusable, refused.Failure);
    }
}
