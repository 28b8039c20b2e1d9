using System.Globalization;

namespace Midstream.Linux.Tests;

public sealed class SpawnLimitsTests
{
    private const uint Nobody = 65534;

    [Fact]
    public async Task Spawn_WithLimits_RunsTheProgramWithExactlyThose()
    {
        using var scene = new Scene();
        const string Script = "echo $$; umask; ulimit -Sn; ulimit -Hn; nice; echo \"$LISTEN_PID\"; echo \"$@\"";
        var (child, lines) = await RunAsync(scene, Script, request => new()
        {
            Command = request.Command,
            Environment = request.Environment,
            WorkingDirectory = request.WorkingDirectory,
            StandardOutput = request.StandardOutput,
            StandardError = request.StandardError,
            ExportListenPid = true,
            OpenFilesMax = 333,
            Nice = 7,
            Umask = UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute,
        });
        Assert.Equal([$"{child.Pid}", "0027", "333", "333", "7", $"{child.Pid}", "a $b"], lines);
    }

    [Theory]
    [InlineData("nobody", null, 65534)]
    [InlineData("65534", "0", 0)]
    [InlineData(null, "daemon", 1)]
    public async Task Spawn_AsAnotherUserOrGroup_RunsTheProgramAsThem(string? user, string? group, int gid)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "changing to another user needs root");
        using var scene = new Scene();
        var (child, lines) = await RunAsync(scene, "echo $$; id -u; id -g; id -G; grep CapEff /proc/self/status", request => new()
        {
            Command = request.Command,
            Environment = request.Environment,
            WorkingDirectory = request.WorkingDirectory,
            StandardOutput = request.StandardOutput,
            StandardError = request.StandardError,
            User = user,
            Group = group,
        });
        Assert.Equal([$"{child.Pid}", user is null ? "0" : $"{Nobody}", $"{gid}"], lines[..3]);
        var groups = lines[3].Split(' ').Distinct();
        Assert.Equal(user is null ? ["1"] : new[] { $"{gid}", $"{Nobody}" }.Distinct(), groups);
        Assert.Equal(user is not null, lines[4].EndsWith("0000000000000000", StringComparison.Ordinal));
    }

    [Fact]
    public void FindProblems_ImpossibleLimits_AreAllFoundWithAdvice()
    {
        var problems = SpawnLimits.FindProblems(new SpawnRequest
        {
            Command = [],
            Environment = new Dictionary<string, string>(),
            WorkingDirectory = "",
            OpenFilesMax = int.MaxValue,
            User = "no-such-user",
            Group = "no-such-group",
            Nice = 20,
            Umask = (UnixFileMode)0x200,
        });
        Assert.Equal(5, problems.Count);
        Assert.Contains("There is no user no-such-user; create it", problems[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FindProblems_OwnUserAndWhatThisProcessHas_AreNone() =>
        Assert.Empty(SpawnLimits.FindProblems(new SpawnRequest
        {
            Command = [],
            Environment = new Dictionary<string, string>(),
            WorkingDirectory = "",
            OpenFilesMax = 64,
            User = $"{ProcessOwner.Uid}",
            Group = $"{ProcessOwner.Gid}",
            Nice = 19,
            Umask = 0,
        }));

    [Theory]
    [InlineData("user", "may not change to others")]
    [InlineData("group", "may not change to others")]
    [InlineData("nice", "this process may give 0 to 19")]
    [InlineData("files", "hard limit is 500; raise it (LimitNOFILE=")]
    public async Task Spawn_WithoutThePrivilege_IsRefusedBeforeAnythingIsStarted(string limit, string advice)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can take away privileges and come back");
        Assert.SkipUnless(Images.Image.IsForEverybody, "the tests' program lies in a folder that nobody may enter");
        using var scene = new Scene();
        // The image asks for what it may not have, as nobody, and says what it is told.
        File.SetUnixFileMode(scene.Folder, (UnixFileMode)0b111_111_111);
        var (child, output) = scene.Start(
            ["prlimit", "--nofile=500:500", "--nice=0:0", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                .. Images.Image.Command("asks", limit, scene.PathOf("marker"))],
            Images.Image.StartEnvironment);
        await child.Exited.WaitAsync(Scene.Deadline);
        var text = await File.ReadAllTextAsync(output);
        Assert.Contains($"refused={Errno.EPERM}", text, StringComparison.Ordinal);
        Assert.Contains(advice, text, StringComparison.Ordinal);
        Assert.False(File.Exists(scene.PathOf("marker")));
    }

    private static async Task<(ChildProcess Child, string[] Lines)> RunAsync(
        Scene scene, string script, Func<SpawnRequest, SpawnRequest> with)
    {
        var output = scene.PathOf($"output-{Guid.NewGuid().ToString("n", CultureInfo.InvariantCulture)}");
        using var file = File.OpenHandle(output, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        using var child = scene.Spawner.Spawn(with(new SpawnRequest
        {
            Command = ["/bin/sh", "-c", script, "sh", "a", "$b"],
            Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" },
            WorkingDirectory = scene.Folder,
            StandardOutput = file,
            StandardError = file,
        }));
        var exit = await child.Exited.WaitAsync(Scene.Deadline);
        var lines = await File.ReadAllLinesAsync(output);
        Assert.True(exit.Success, $"{exit}: {string.Join('\n', lines)}");
        return (child, lines);
    }
}
