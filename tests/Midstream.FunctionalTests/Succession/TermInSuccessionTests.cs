// TERM while one supervisor follows another: whoever is in charge then hears it, and ends with nothing left.

using Midstream.FunctionalTests.FaultMatrix;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Succession;

public sealed class TermInSuccessionTests
{
    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Term_WhileTheNewProgramStarts_IsHeardByIt()
    {
        await using var scene = await SuccessionScene.StartAsync();
        var (gate, program) = await MakeProgramAsync(scene, $"exec '{Repository.Program}' \"$@\"");
        await using var upgrade = scene.Service.Begin("upgrade", program, "--json");
        await gate.ArrivedAsync();

        Processes.Signal(scene.First.Supervisor.Pid, "TERM");
        await gate.SayAsync("go");

        await AssertEndsAsync(scene);
        await upgrade.WaitAsync();
    }

    // It was sent to the program that never heard it.
    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Term_WhileAnUnfitProgramIsInCharge_IsHeardByTheOldOneThatGoesOn()
    {
        await using var scene = await SuccessionScene.StartAsync(options: """ "upgrade": { "timeout_ms": 2000 }, """);
        var (gate, program) = await MakeProgramAsync(scene, "exec sleep 600");
        await using var upgrade = scene.Service.Begin("upgrade", program, "--json");
        await gate.ArrivedAsync();

        Processes.Signal(scene.First.Supervisor.Pid, "TERM");
        await gate.SayAsync("go");

        await AssertEndsAsync(scene);
        await upgrade.WaitAsync();
    }

    // A worker that stands still is waited for.
    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Term_DuringATakeOver_EndsWithItsWorkers()
    {
        await using var scene = await SuccessionScene.StartAsync(2, """ "stop": { "timeout_ms": 1000 }, """);
        await scene.KillSupervisorAsync();
        Processes.Signal(scene.First.Workers[1].Pid, "STOP");
        var next = scene.Launch().Supervisor;
        await Eventually.HoldsAsync(
            () => Processes.Descriptors(next.Pid).Any(open => open.Target.EndsWith("/tested/lock", StringComparison.Ordinal)),
            () => "It does not begin.");

        next.Signal("TERM");

        Assert.Equal(0, (await next.WaitAsync()).ExitCode);
        await AssertEndsAsync(scene);
    }

    // It comes to the gate when it is in the supervisor's place, and waits there for the word.
    private static async Task<(Gate Gate, string Program)> MakeProgramAsync(SuccessionScene scene, string then)
    {
        var gate = await Gate.MakeAsync(scene.Folder, "exec");
        return (gate, scene.Script("gated", $$"""
            #!/bin/sh
            [ -n "$MIDSTREAM_TRY_OUT" ] && { echo 'midstream can take over, version 9.9'; exit 0; }
            echo $$ > '{{gate.There}}'
            read word < '{{gate.Word}}'
            {{then}}

            """));
    }

    private static async Task AssertEndsAsync(SuccessionScene scene)
    {
        await Eventually.HoldsAsync(
            () => scene.Mine().All(process => process.Command.Contains(" upgrade ", StringComparison.Ordinal)),
            () => $"There are {string.Join("; ", scene.Mine())}.\n{scene.FirstError}");
        Assert.Empty(Directory.EnumerateFileSystemEntries(scene.InState("workers")));
        Assert.StartsWith("signal ", Assert.Single(scene.Ledger("stop")).Who, StringComparison.Ordinal);
    }
}
