// What keeps a module in memory, as seen from outside: the worker stands still for a bounded time, and goes on whatever becomes
// of the program that looks.

using Midstream.Control.Operators;
using Midstream.Core.Modules;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Modules;

public sealed class ModuleAttachTests
{
    private const int LongestMs = 5 * 60 * 1000;
    private const char Traced = 't';

    private static readonly string s_program =
        Path.Combine(Path.GetDirectoryName(Repository.Program)!, "roots", "Midstream.Roots.dll");

    [Fact(Timeout = LongestMs)]
    public async Task Explain_WithAttach_NamesTheThreadAndTheHandleThatKeepAModule()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1);
        await scene.DeployWellAsync("1-blocks");
        await scene.DeployWellAsync("2-pins");
        await scene.DeployWellAsync("3");

        var (code, answer) = await scene.ModuleAsync("explain", "fickle", "--attach", "--timeout", "30");

        var worker = Assert.Single(Assert.IsType<ModulesEvent>(answer).Workers);
        Assert.True(code == 0, worker.Roots?.Problem);
        // By itself, the worker does not know.
        Assert.All(
            worker.Modules.Single().Generations.Where(one => one.State == "pinned"),
            one => Assert.Equal("not found", Assert.Single(one.Culprits).Holder));
        Assert.True(worker.Roots!.IsComplete);
        Assert.Equal(["fickle@2", "fickle@1"], worker.Roots.Contexts.Select(one => one.Context));
        var (pins, blocks) = (worker.Roots.Contexts[0], worker.Roots.Contexts[1]);
        Assert.Equal(("GC handle (strong)", "Fickle.FickleModule"), HolderOf(Assert.Single(pins.Culprits)));
        var thread = Assert.Single(blocks.Culprits);
        Assert.Equal("Fickle.FickleModule.Block", thread.Held);
        Assert.Matches("^Stack of thread [0-9]+ \"fickle\" \\(tid [0-9]+\\): Fickle.FickleModule.Block runs$", thread.Holder);
        Assert.InRange(worker.Roots.StoodStillMs, 1, 30_000);
        await scene.AssertServesAsync("3", workers: 1);
    }

    [Theory(Timeout = LongestMs)]
    [InlineData("KILL", "ended before it had a result")]
    [InlineData("STOP", "had no result in time")]
    public async Task Explain_WhenWhatAttachesDiesOrHangs_SaysSoAndTheWorkerGoesOn(string signal, string said)
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1);
        await scene.DeployWellAsync("1-pins");
        await scene.DeployWellAsync("2");
        var worker = await WorkerAsync(scene);
        await using var explain = scene.Service.Begin("module", "explain", "fickle", "--attach", "--timeout", "3", "--json");

        await AttachedAsync(worker);
        Processes.Signal(Assert.Single(Processes.Children(explain.Pid)), signal);

        var program = await explain.WaitAsync();
        await scene.AssertServesAsync("2", workers: 1);
        Assert.Equal(1, program.ExitCode);
        var seen = Assert.Single(Assert.IsType<ModulesEvent>(OperatorProtocol.ReadEvent(program.Output.Trim())).Workers);
        Assert.Contains(said, seen.Roots!.Problem!, StringComparison.Ordinal);
        Assert.InRange(seen.Roots.StoodStillMs, 1, 5_000);
        Assert.Equal(worker, await WorkerAsync(scene));
    }

    [Fact(Timeout = LongestMs)]
    public async Task Attach_ToAProcessThatHasATracer_IsRefusedWithWhatToDo()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1);
        await scene.DeployWellAsync("1");
        var worker = await WorkerAsync(scene);
        await using var first = RunningProgram.Start("dotnet", [s_program, $"{worker}", "60000", "fickle@1"]);
        await AttachedAsync(worker);
        first.Signal("STOP");

        var second = await RunningProgram.RunAsync("dotnet", [s_program, $"{worker}", "1000", "fickle@1"]);

        first.Signal("KILL");
        await first.WaitAsync();
        // It was killed while it attached, perhaps: `midstream` does this.
        Processes.Signal(worker, "CONT");
        var report = RootReport.Read(second.Output.Trim().Split('\n')[^1]);
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("It has to be allowed", report.Problem!, StringComparison.Ordinal);
        Assert.Contains("CAP_SYS_PTRACE", report.Problem!, StringComparison.Ordinal);
        await scene.AssertServesAsync("1", workers: 1);
    }

    [Fact(Timeout = LongestMs)]
    public async Task Explain_WithoutTheProgramThatAttaches_SaysSoAndShowsWhatTheWorkerKnows()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1);
        await scene.DeployWellAsync("1-stays");
        await scene.DeployWellAsync("2");
        var alone = scene.Folder.In("midstream");
        File.Copy(Repository.Program, alone);

        var program = await RunningProgram.RunAsync(
            alone, ["module", "explain", "fickle", "--attach", "--state", scene.Service.State]);

        Assert.Equal(1, program.ExitCode);
        Assert.Contains("roots/Midstream.Roots.dll is not there", program.Output, StringComparison.Ordinal);
        Assert.Contains("kept by Timer", program.Output, StringComparison.Ordinal);
    }

    private static (string Holder, string Held) HolderOf(UnloadCulprit culprit) => (culprit.Holder, culprit.Held);

    private static async Task<int> WorkerAsync(ModuleScene scene) => (await scene.ListAsync()).Workers.Single().Pid!.Value;

    private static Task AttachedAsync(int pid) => Waiting.UntilAsync(() => StateOf(pid) == Traced, "somebody attaches");

    private static char StateOf(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        return stat[stat.LastIndexOf(')') + 2];
    }
}
