// A test runner cannot become another program, so the tests' own program is started as one that can (Images).

using Midstream.Linux.Tests.Images;

namespace Midstream.Linux.Tests;

public sealed class ProcessImageTests
{
    [Fact]
    public async Task Replace_WithChildrenAndAListener_KeepsThemAndThePid()
    {
        using var scene = new Scene();
        var (child, output) = scene.Start(Image.Command("update"), Image.StartEnvironment);
        var exit = await child.Exited.WaitAsync(Scene.Deadline);
        Assert.Equal(
            [
                $"before={child.Pid}", $"failure={Errno.ENOENT} execve", "afterFailure=True True", $"after={child.Pid}",
                "listener=True", "dying=exited with code 7", "living=False", "ended=exited with code 5", "again=True",
            ],
            await File.ReadAllLinesAsync(output));
        Assert.True(exit.Success);
    }

    [Fact]
    public async Task Replace_ByAnyProgram_StartsItClean()
    {
        using var scene = new Scene();
        var (child, output) = scene.Start(Image.Command("becomes", CCompiler.Witness, "report"), Image.StartEnvironment);
        var exit = await child.Exited.WaitAsync(Scene.Deadline);
        var lines = await File.ReadAllLinesAsync(output);
        Assert.True(exit.Success, string.Join('\n', lines));
        var kept = lines[0]["kept=".Length..];
        Assert.Contains($"pid={child.Pid}", lines);
        Assert.Contains($"fds=0 1 2 {kept} ", lines);
        Assert.Contains("ignored=", lines);
        Assert.Contains("blocked=", lines);
        Assert.Equal(["env:ONLY=this"], lines.Where(line => line.StartsWith("env:", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Replace_HoldingASignal_DeliversItWhenTheNewProgramIsReady()
    {
        using var scene = new Scene();
        var (exit, output) = await SignalEarlyAsync(scene, $"{Signal.SIGHUP}");
        Assert.True(exit.Success, $"{exit}: {output}");
        Assert.EndsWith("heard=SIGHUP\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replace_NotHoldingASignal_LetsItEndTheNewProgram()
    {
        using var scene = new Scene();
        Assert.Equal(Signal.SIGHUP, (await SignalEarlyAsync(scene)).Exit.KilledBy);
    }

    [Fact]
    public void Replace_ImpossibleRequests_AreRefusedBeforeAnythingChanges()
    {
        var none = new Dictionary<string, string>();
        Assert.Throws<ArgumentException>(() => ProcessImage.Replace("/bin/true", ["a\0b"], none, []));
        Assert.Throws<ArgumentException>(
            () => ProcessImage.Replace("/bin/true", ["x"], new Dictionary<string, string> { ["A=B"] = "" }, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => ProcessImage.Replace("/bin/true", ["x"], none, [], [4711]));
        var closed = FileDescriptor.DuplicateOf(File.OpenHandle("/dev/null"));
        closed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ProcessImage.Replace("/bin/true", ["x"], none, [closed]));
    }

    private static async Task<(ProcessExit Exit, string Output)> SignalEarlyAsync(Scene scene, params string[] held)
    {
        var (ours, theirs) = SocketPair.CreateStream();
        using var gate = ours;
        using var inherited = theirs;
        var (child, output) = scene.Start(Image.Command(["holds", .. held]), Image.StartEnvironment, [inherited]);
        await Scene.UntilAsync(() => File.ReadAllText(output).Contains("up=", StringComparison.Ordinal));
        Assert.True(child.Signal(Signal.SIGHUP));
        Descriptors.Write(gate, "go");
        return (await child.Exited.WaitAsync(Scene.Deadline), await File.ReadAllTextAsync(output));
    }
}
