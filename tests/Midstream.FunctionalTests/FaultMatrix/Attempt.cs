using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.FaultMatrix;

/// <summary>One deployment into which a fault comes at its step.</summary>
internal sealed class Attempt(Cell cell, Scene scene, Gate gate, Surroundings surroundings)
{
    // Enough to hear an operator and to look into the store, and not enough for a worker's pipes and sockets.
    private const int SpareAtSpawn = 4;

    /// <summary>Deploys, and lets the fault come.</summary>
    /// <param name="release">The folder to deploy.</param>
    /// <returns>How it ended, as the operator was told.</returns>
    public async Task<ResultEvent> RunAsync(string release)
    {
        using var http = new HttpClient();
        // Held in the worker that is about to be drained. What becomes of it depends on the fault.
        var held = cell.Step == MatrixStep.Drain ? http.GetAsync(new Uri(scene.Service.Url, "/held")) : Task.CompletedTask;
        var program = cell is { Step: MatrixStep.Spawn, IsInProcess: false } && cell.Fault != MatrixFault.ClockJumps
            ? await SpawnWithoutMeansAsync(release)
            : await DeployAsync(release);
        await held.ContinueWith(static _ => { }, TaskScheduler.Default).WaitAsync(RunningProgram.Patience);
        if (!cell.EndsAServingWorker)
            await held;
        return Scene.ResultOf(program);
    }

    private async Task<ProgramResult> DeployAsync(string release)
    {
        await using var deploy = scene.Service.Begin("deploy", release, "--json");
        var pid = await gate.ArrivedAsync();
        if (cell.Step == MatrixStep.Drain)
            await deploy.WaitForTextAsync("\"phase\":\"drain\"");
        switch (cell.Fault)
        {
            case MatrixFault.IsKilled:
                Processes.Signal(pid, "KILL");
                break;
            case MatrixFault.Hangs:
                Processes.Signal(pid, "STOP");
                break;
            case MatrixFault.Exits:
                await gate.SayAsync("exit");
                break;
            case MatrixFault.WritesRubbish:
                await gate.SayAsync("rubbish");
                break;
            default:
                return await FailAroundAsync(deploy);
        }

        return await deploy.WaitAsync();
    }

    private async Task<ProgramResult> FailAroundAsync(RunningProgram deploy)
    {
        await surroundings.FailAsync(scene.Service, spare: 0);
        // An operator who asks just now is answered, late if need be.
        await using var status = scene.Service.Begin("status", "--json");
        await gate.SayAsync("go");
        var program = await deploy.WaitAsync();
        AssertJumpWasSeen();
        await surroundings.RecoverAsync(scene.Service);
        Assert.Equal(0, (await status.WaitAsync()).ExitCode);
        return program;
    }

    private void AssertJumpWasSeen()
    {
        if (cell.Fault == MatrixFault.ClockJumps)
            JumpingClock.AssertSeen(LedgerLine.ReadAll(scene.Service.State)[^1].At, Surroundings.Jump);
    }

    // The release is stored before, for it is the start that is to fail and not the copy.
    private async Task<ProgramResult> SpawnWithoutMeansAsync(string release)
    {
        await using (var deploy = scene.Service.Begin("deploy", release, "--json"))
        {
            await gate.ArrivedAsync();
            deploy.Signal("INT");
            await deploy.WaitAsync();
        }

        var stored = Directory.EnumerateFiles(Path.Combine(scene.Service.State, "tested", "releases"), "*.json")
            .Select(Path.GetFileNameWithoutExtension).Single(id => id != scene.First.Release)!;
        // What the attempt had is given back by now, and not while there is to be nothing left.
        await scene.AssertNothingLeftAsync();
        await surroundings.FailAsync(scene.Service, SpareAtSpawn);
        var program = await scene.Service.RunAsync("rollback", stored, "--json");
        await surroundings.RecoverAsync(scene.Service);
        return program;
    }
}
