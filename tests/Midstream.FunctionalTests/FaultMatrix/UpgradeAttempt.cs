using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;
using Midstream.FunctionalTests.Succession;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.FaultMatrix;

/// <summary>One update of the supervisor into which a fault comes: its new program goes wrong after a try-out that was good, or
/// what is around it does.</summary>
internal sealed class UpgradeAttempt(Cell cell, SuccessionScene scene, Surroundings surroundings)
{
    /// <summary>The members of midstream.json: long enough for a program that is fit, soon over for one that hangs.</summary>
    public const string Options = """ "upgrade": { "timeout_ms": 6000 }, "probation": { "duration_ms": 50 }, """;

    // From what an operator's connection alone takes to more than an update does.
    private static readonly int[] s_spares = [1, 2, 3, 5, 8, 12, 16, 24, 32, 64];

    private const string Rubbish =
        "for n in $(ls /proc/$$/fd); do [ $n -lt 3 ] || (head -c 1000 /dev/urandom >&$n) 2> /dev/null; done; exec sleep 600";

    /// <summary>Updates, and lets the fault come.</summary>
    /// <returns>How it ended, as the ledger has it.</returns>
    public async Task<LedgerLine> RunAsync()
    {
        switch (cell.Fault)
        {
            case MatrixFault.Exits:
                await UpgradeToAsync("exit 7");
                break;
            case MatrixFault.IsKilled:
                await UpgradeToAsync("kill -KILL $$");
                break;
            case MatrixFault.Hangs:
                await UpgradeToAsync("kill -STOP $$");
                break;
            case MatrixFault.WritesRubbish:
                await UpgradeToAsync(Rubbish);
                break;
            case MatrixFault.DiskFull:
                await surroundings.FailAsync(scene.Service);
                Assert.Equal(Outcomes.Committed, Assert.IsType<ResultEvent>((await scene.UpgradeAsync()).Answer).Outcome);
                await surroundings.RecoverAsync(scene.Service);
                // There was no room for the ledger's line.
                return new LedgerLine(default, "", "upgrade", Outcomes.Committed, null, null);
            case MatrixFault.NoDescriptors:
                return await UpgradeWithEverMoreDescriptorsAsync();
            case MatrixFault.ClockJumps:
                return await UpgradeWhileTheClockJumpsAsync();
        }

        return await LastLineAsync(1);
    }

    private Task<(ProgramResult Program, OperatorEvent? Answer)> UpgradeToAsync(string behaviour) => scene.UpgradeAsync(
        scene.Script("unfit", $$"""
            #!/bin/sh
            [ -n "$MIDSTREAM_TRY_OUT" ] && { echo 'midstream can take over, version 9.9'; exit 0; }
            {{behaviour}}

            """));

    // Wherever it is that they run out.
    private async Task<LedgerLine> UpgradeWithEverMoreDescriptorsAsync()
    {
        var failed = 0;
        foreach (var spare in s_spares)
        {
            await scene.AssertNothingLeftAsync(scene.First);
            await surroundings.FailAsync(scene.Service, spare);
            var (program, answer) = await scene.UpgradeAsync();
            await surroundings.RecoverAsync(scene.Service);
            var result = Assert.IsType<ResultEvent>(answer);
            Assert.Equal(scene.First.Supervisor.Pid, (await scene.Service.StatusAsync()).Supervisor.Pid);
            if (result.Outcome == Outcomes.Committed)
                break;
            failed++;
            Assert.Equal((1, "upgrade-failed"), (program.ExitCode, result.Failure));
        }

        Assert.InRange(failed, 1, s_spares.Length - 1);
        return (await LastLineAsync(failed + 1)) with { Outcome = Outcomes.Failed };
    }

    private async Task<LedgerLine> UpgradeWhileTheClockJumpsAsync()
    {
        var program = scene.Script("jumping", $"""
            #!/bin/sh
            [ -n "$MIDSTREAM_TRY_OUT" ] || {surroundings.Clock!.CommandToJumpTo(Surroundings.Jump)}
            exec '{Repository.Program}' "$@"
            """);

        var (_, answer) = await scene.UpgradeAsync(program);

        var line = await LastLineAsync(1);
        JumpingClock.AssertSeen(line.At, Surroundings.Jump);
        Assert.InRange(Assert.IsType<ResultEvent>(answer).ElapsedMs, 0, (long)RunningProgram.Patience.TotalMilliseconds);
        await surroundings.RecoverAsync(scene.Service);
        return line;
    }

    private async Task<LedgerLine> LastLineAsync(int count)
    {
        await Eventually.HoldsAsync(
            () => scene.Ledger("upgrade").Count == count, () => $"The ledger has not {count} updates.\n{scene.FirstError}");
        return scene.Ledger("upgrade")[^1];
    }
}
