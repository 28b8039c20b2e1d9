using System.Net;

namespace Midstream.Linux.Tests;

public sealed class ProcessInspectionTests
{
    [Fact]
    public async Task TryCopyFrom_AListenerOfAnotherProcess_IsTheSameSocket()
    {
        using var scene = new Scene();
        var listener = ListeningSocket.BindTcp(new IPEndPoint(IPAddress.Loopback, 0), 16);
        var address = ListeningSocket.LocalEndPoint(listener);
        var child = await scene.StartUntilAsync("waiting", [CCompiler.Witness, "wait"], listener);
        listener.Dispose();
        using var copy = ProcessDescriptors.TryCopyFrom(child.Pid, 3);
        Assert.NotNull(copy);
        Assert.Equal(address, ListeningSocket.LocalEndPoint(copy));
        Assert.True(Descriptors.IsCloseOnExec(copy));
        Assert.Null(ProcessDescriptors.TryCopyFrom(child.Pid, 1000));
        Assert.Equal(4, ProcessDescriptors.CountOf(child.Pid));
    }

    [Fact]
    public async Task TryCopyFrom_OfAProcessOfSomebodyElse_IsNull()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "starting a process of somebody else needs root");
        Assert.SkipUnless(Images.Image.IsForEverybody, "the tests' program lies in a folder that nobody may enter");
        using var scene = new Scene();
        var (child, output) = scene.Start(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", .. Images.Image.Command("copies", "1")],
            Images.Image.StartEnvironment);
        await child.Exited.WaitAsync(Scene.Deadline);
        Assert.Equal("copied=False\ncount=\n", await File.ReadAllTextAsync(output));
    }

    [Fact]
    public async Task Look_AtAProcessThatHasEnded_FindsNothing()
    {
        using var scene = new Scene();
        var (child, _) = scene.Start([CCompiler.Witness, "exit", "0"]);
        await child.Exited.WaitAsync(Scene.Deadline);
        Assert.Null(ProcessDescriptors.TryCopyFrom(child.Pid, 1));
        Assert.Null(ProcessDescriptors.CountOf(child.Pid));
        Assert.Null(ProcessMemory.Resident(child.Pid));
        Assert.Null(ProcessMemory.Proportional(child.Pid));
        Assert.Null(ThreadStacks.Describe(child.Pid));
    }

    [Fact]
    public void Memory_OfThisProcess_GrowsWithWhatItTouches()
    {
        var before = ProcessMemory.Resident(Environment.ProcessId)!.Value;
        var shareBefore = ProcessMemory.Proportional(Environment.ProcessId)!.Value;
        var block = GC.AllocateUninitializedArray<byte>(64 * 1024 * 1024);
        for (var i = 0; i < block.Length; i += Environment.SystemPageSize)
            block[i] = 1;
        var after = ProcessMemory.Resident(Environment.ProcessId)!.Value;
        var shareAfter = ProcessMemory.Proportional(Environment.ProcessId)!.Value;
        GC.KeepAlive(block);
        Assert.InRange(after - before, 48L * 1024 * 1024, 96L * 1024 * 1024);
        Assert.InRange(shareAfter - shareBefore, 48L * 1024 * 1024, 96L * 1024 * 1024);
        Assert.InRange(shareAfter, 1, after + (16L * 1024 * 1024));
    }

    // What this process uses comes back at once, so that only the sum of what was let go is certain; that it goes on shows that
    // nothing was lost.
    [Fact]
    public void Release_OfTheProgramsPages_LetsGoOfSomeAndTheProgramGoesOn()
    {
        var released = ProgramPages.Release();
        Assert.InRange(released, 1024 * 1024, ProcessMemory.Resident(Environment.ProcessId)!.Value + (256L * 1024 * 1024));
        Assert.True(ProgramPages.Release() > 0);
    }

    [Fact]
    public async Task Describe_OfAWaitingProcess_SaysWhereEachThreadWaits()
    {
        using var scene = new Scene();
        var child = await scene.StartUntilAsync("waiting", [CCompiler.Witness, "wait"]);
        await Scene.UntilAsync(() => ProcessStat.TryRead(child.Pid) is { State: 'S' });
        var text = ThreadStacks.Describe(child.Pid)!;
        Assert.StartsWith($"process {child.Pid}: 1 threads, state S (sleeping)\n", text, StringComparison.Ordinal);
        Assert.Contains($"thread {child.Pid} (program), S (sleeping)", text, StringComparison.Ordinal);
        var own = ThreadStacks.Describe(Environment.ProcessId)!;
        Assert.Contains("(midstream-polle)", own, StringComparison.Ordinal);
        Assert.InRange(ThreadStacks.Describe(Environment.ProcessId, 200)!.Length, 6, 200);
    }

    [Theory]
    [InlineData("7 (a) b) S 1 7 7 0 -1 4194304 0", "SigPnd:\t0000000000000000", false)]
    [InlineData("7 (a) b) Z 1 7 7 0 -1 4194304 0", "SigPnd:\t0000000000000000", true)]
    [InlineData("7 (a) b) X 1 7 7 0 -1 4194304 0", "SigPnd:\t0000000000000000", true)]
    [InlineData("7 (Z) R 1 7 7 0 -1 4194308 0", "SigPnd:\t0000000000000000", true)]
    [InlineData("7 (Z) D 1 7 7 0 -1 4194304 0", "SigPnd:\t0000000000000100", true)]
    [InlineData("7 (Z) D 1 7 7 0 -1 4194304 0", "ShdPnd:\t0000000000000100", true)]
    [InlineData("7 (Z) D 1 7 7 0 -1 4194304 0", "ShdPnd:\t0000000000004000", false)]
    [InlineData("7 (Z) D 1 7 7 0 -1 4194304 0", "SigBlk:\t0000000000000100", false)]
    public void HasBegun_OfWhatTheKernelSays_IsAsItMeansIt(string stat, string status, bool expected) =>
        Assert.Equal(expected, ProcessEnd.HasBegun(stat, ["Name:\ta", status]));

    [Fact]
    public async Task HasBegun_OfProcessesOfAllKinds_IsTrueOfTheDeadAlone()
    {
        using var scene = new Scene();
        var child = await scene.StartUntilAsync("waiting", [CCompiler.Witness, "wait"]);
        Assert.False(ProcessEnd.HasBegun(Environment.ProcessId));
        Assert.False(ProcessEnd.HasBegun(child.Pid));
        child.SignalGroup(Signal.SIGKILL);
        await child.Exited.WaitAsync(Scene.Deadline);
        Assert.True(ProcessEnd.HasBegun(child.Pid));
        Assert.True(ProcessEnd.HasBegun(int.MaxValue));
    }
}
