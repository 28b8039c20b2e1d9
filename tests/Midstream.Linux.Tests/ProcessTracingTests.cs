namespace Midstream.Linux.Tests;

public sealed class ProcessTracingTests
{
    [Fact]
    public async Task Release_OfAProcessThatWasStoppedMeanwhile_LetsItGoOn()
    {
        using var scene = new Scene();
        var child = await scene.StartUntilAsync("waiting", [CCompiler.Witness, "wait"]);
        var before = ProcessStat.TryRead(child.Pid)!.Value;
        await StopAsync(child);

        ProcessTracing.Release(before);

        await UntilAsync(child.Pid, state => state != ProcessTracing.Stopped);
    }

    [Fact]
    public async Task Release_OfAProcessThatWasStoppedBefore_LeavesItStopped()
    {
        using var scene = new Scene();
        var child = await scene.StartUntilAsync("waiting", [CCompiler.Witness, "wait"]);
        await StopAsync(child);

        ProcessTracing.Release(ProcessStat.TryRead(child.Pid)!.Value);

        Assert.Equal(ProcessTracing.Stopped, ProcessStat.TryRead(child.Pid)!.Value.State);
    }

    // Where there is no Yama, nothing is to be allowed, and where there is, it is.
    [Fact]
    public void TryAllow_OfTheParent_SucceedsWhereTheKernelKnowsOfIt() => Assert.Equal(
        File.Exists("/proc/sys/kernel/yama/ptrace_scope"),
        ProcessTracing.TryAllow(ProcessStat.TryRead(Environment.ProcessId)!.Value.Parent));

    [Fact]
    public async Task Deadline_OfAProcessThatSpins_EndsIt()
    {
        using var scene = new Scene();
        var (child, _) = scene.Start([.. Images.Image.Command("deadline", "300")], Images.Image.StartEnvironment);

        var exit = await child.Exited.WaitAsync(Scene.Deadline);

        Assert.Equal(14, exit.KilledBy);
    }

    [Fact]
    public void IsOnlyOurs_OfFiles_IsFalseForWhatOthersMayWrite()
    {
        using var scene = new Scene();
        var file = scene.PathOf("file");
        File.WriteAllText(file, "");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.True(FileOwner.IsOnlyOurs(file));
        Assert.True(FileOwner.IsOnlyOurs("/bin/sh"));
        Assert.False(FileOwner.IsOnlyOurs(scene.PathOf("absent")));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        Assert.False(FileOwner.IsOnlyOurs(file));
    }

    private static Task StopAsync(ChildProcess child)
    {
        child.Signal(Signal.SIGSTOP);
        return UntilAsync(child.Pid, state => state == ProcessTracing.Stopped);
    }

    private static Task UntilAsync(int pid, Func<char, bool> isSo) =>
        Scene.UntilAsync(() => isSo(ProcessStat.TryRead(pid)!.Value.State));
}
