using System.Globalization;

namespace Midstream.Linux.Tests;

public sealed class ProcessAdoptionTests
{
    [Fact]
    public async Task AdoptStranger_OfALivingProcess_SignalsItAndKnowsItsEndButNotItsStatus()
    {
        using var scene = new Scene();
        var process = await StartStrangerAsync(scene);
        using var stranger = ChildProcess.AdoptStranger(process.Pid, process.StartTime, scene.Poller)!;
        Assert.False(stranger.IsChild);
        Assert.True(stranger.Signal(0));
        Assert.True(stranger.SignalGroup(0));
        Assert.False(stranger.Exited.IsCompleted);
        Assert.True(stranger.SignalGroup(Signal.SIGKILL));
        var exit = await stranger.Exited.WaitAsync(Scene.Deadline);
        Assert.Equal(ProcessExit.Unknown, exit);
        Assert.False(exit.Success);
        Assert.Equal("ended, status unknown", exit.ToString());
        await Scene.UntilAsync(() => ProcessStat.TryRead(process.Pid) is null); // Its parent may take its time.
        Assert.False(stranger.Signal(0));
        Assert.False(stranger.SignalGroup(0));
    }

    [Fact]
    public async Task Adopt_NumberOfAnotherProcess_FindsNobody()
    {
        using var scene = new Scene();
        var process = await StartStrangerAsync(scene);
        var before = Scene.DescriptorCount();
        Assert.Null(ChildProcess.AdoptStranger(process.Pid, process.StartTime + 1, scene.Poller));
        Assert.Null(ChildProcess.AdoptChild(process.Pid, process.StartTime, scene.Poller)); // It is nobody's child of ours.
        Assert.Null(ChildProcess.AdoptStranger(int.MaxValue, 1, scene.Poller));
        Assert.Equal(before, Scene.DescriptorCount());
        using var stranger = ChildProcess.AdoptStranger(process.Pid, process.StartTime, scene.Poller)!;
        stranger.Signal(Signal.SIGKILL);
        await stranger.Exited.WaitAsync(Scene.Deadline);
    }

    [Fact]
    public async Task Adopt_ChildThatIsWatchedAlready_IsRefusedSinceItCanBeReapedOnlyOnce()
    {
        using var scene = new Scene();
        var child = await scene.StartUntilAsync("waiting", [CCompiler.Witness, "wait"]);
        Assert.Throws<InvalidOperationException>(() => ChildProcess.AdoptChild(child.Pid, child.StartTime, scene.Poller));
        Assert.Throws<InvalidOperationException>(() => ChildProcess.AdoptStranger(child.Pid, child.StartTime, scene.Poller));
        Assert.True(child.Signal(Signal.SIGKILL));
        Assert.Equal(Signal.SIGKILL, (await child.Exited.WaitAsync(Scene.Deadline)).KilledBy);
    }

    /// <summary>Starts a process that leads its own group and whose parent has ended.</summary>
    private static async Task<ProcessStat> StartStrangerAsync(Scene scene)
    {
        const string Script = "setsid --fork sh -c 'echo $$ > pid.tmp; mv pid.tmp pid; exec sleep 1000'";
        var (starter, _) = scene.Start(["/bin/sh", "-c", Script], new() { ["PATH"] = "/usr/bin:/bin" });
        Assert.True((await starter.Exited.WaitAsync(Scene.Deadline)).Success);
        await Scene.UntilAsync(() => File.Exists(scene.PathOf("pid")));
        var pid = int.Parse(await File.ReadAllTextAsync(scene.PathOf("pid")), CultureInfo.InvariantCulture);
        return ProcessStat.TryRead(pid)!.Value;
    }
}
