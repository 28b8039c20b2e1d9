// Programs that are not fit to follow a supervisor. However they fail, the old program is in charge again: in place, or as its
// guard under another process id; workers and clients do not notice, the operator reads why, and the next update works.

using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Succession;

public sealed class UnfitProgramTests
{
    private const string PassesTheTryOut = """
        #!/bin/sh
        [ -n "$MIDSTREAM_TRY_OUT" ] && { echo 'midstream can take over, version 9.9'; exit 0; }

        """;

    [Theory(Timeout = SuccessionScene.LongestMs)]
    [InlineData("missing", "No such file")]
    [InlineData("not-executable", "Permission denied")]
    [InlineData("folder", "ermission denied")]
    [InlineData("/bin/true", "said: nothing")]
    [InlineData("/bin/false", "1 in its try-out")]
    [InlineData("not-a-program", "xec format error")]
    [InlineData("chatty", "in its try-out, and said: hello")]
    public async Task Upgrade_ToAProgramThatFailsItsTryOut_ChangesNothing(string kind, string reason)
    {
        await using var scene = await SuccessionScene.StartAsync();
        await using var load = await SteadyLoad.StartAsync(scene.Url);

        var (program, answer) = await scene.UpgradeAsync(Make(scene, kind));

        AssertFailed(program, answer, reason);
        await AssertSameAsync(scene, inPlace: true);
        await load.EndWithoutLossAsync();
    }

    [Theory(Timeout = SuccessionScene.LongestMs)]
    [InlineData("exit 0")]
    [InlineData("kill -SEGV $$")]
    public async Task Upgrade_ToAProgramThatEndsAtOnce_GuardGoesOn(string behaviour)
    {
        await using var scene = await SuccessionScene.StartAsync(workers: 2);
        await using var load = await SteadyLoad.StartAsync(scene.Url);

        var (program, answer) = await scene.UpgradeAsync(scene.Script("unfit", PassesTheTryOut + behaviour + "\n"));

        AssertFailed(program, answer, "the old one goes on as process");
        await AssertSameAsync(scene, inPlace: false);
        await load.EndWithoutLossAsync();
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Upgrade_ToAProgramThatSaysNothing_GuardEndsItAndGoesOn()
    {
        await using var scene = await SuccessionScene.StartAsync(options: """ "upgrade": { "timeout_ms": 2000 }, """);
        await using var load = await SteadyLoad.StartAsync(scene.Url);

        var (program, answer) = await scene.UpgradeAsync(scene.Script("unfit", PassesTheTryOut + "exec sleep 600\n"));

        AssertFailed(program, answer, "did not take charge within 2 s");
        await AssertSameAsync(scene, inPlace: false);
        await load.EndWithoutLossAsync();
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Upgrade_ToAProgramThatIsDeletedAfterItsTryOut_GoesOnInPlace()
    {
        await using var scene = await SuccessionScene.StartAsync();
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        var program = scene.Script("unfit", """
            #!/bin/sh
            rm -- "$0"
            echo 'midstream can take over, version 9.9'
            """);

        var (ended, answer) = await scene.UpgradeAsync(program);

        AssertFailed(ended, answer, "No such file");
        await AssertSameAsync(scene, inPlace: true);
        await load.EndWithoutLossAsync();
    }

    // It finds what another version has left: the same midstream, whose estate is altered on its way.
    [Theory(Timeout = SuccessionScene.LongestMs)]
    [InlineData("s/\"format\":1/\"format\":2/", "format 2")]
    [InlineData("s/\"format\"/\"farmat!/", "cannot be read")]
    [InlineData("s/.*/rubbish/", "cannot be read")]
    public async Task Upgrade_ToAProgramThatCannotReadWhatWasLeft_OldProgramGoesOn(string alteration, string reason)
    {
        await using var scene = await SuccessionScene.StartAsync();
        await using var load = await SteadyLoad.StartAsync(scene.Url);

        var (program, answer) = await scene.UpgradeAsync(Altering(scene, alteration));

        // Whoever cannot read it does not know where to go back to: it ends with the reason, and the guard goes on.
        AssertFailed(program, answer, "the old one goes on as process");
        await Eventually.HoldsAsync(
            () => scene.Service.Supervisor.Error.Contains(reason, StringComparison.Ordinal),
            () => scene.Service.Supervisor.Error);
        await AssertSameAsync(scene, inPlace: false);
        await load.EndWithoutLossAsync();
    }

    [Theory(Timeout = SuccessionScene.LongestMs)]
    [InlineData("s/\"format\":1,/\"format\":1,\"not_known_yet\":{\"a\":[1]},/")]
    [InlineData("s/\"timeout_ms\":[0-9]*,//")]
    public async Task Upgrade_FromANewerOrOlderProgram_ReadsWhatWasLeft(string alteration)
    {
        await using var scene = await SuccessionScene.StartAsync();
        await using var load = await SteadyLoad.StartAsync(scene.Url);

        var (program, answer) = await scene.UpgradeAsync(Altering(scene, alteration));

        Assert.Equal(0, program.ExitCode);
        Assert.Equal(Outcomes.Committed, Assert.IsType<ResultEvent>(answer).Outcome);
        await scene.AssertNextDeployWorksAsync();
        await load.EndWithoutLossAsync();
    }

    // Neither program can go on, nor the guard: the workers do, and the next run takes over when the state is repaired.
    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Upgrade_WhenTheStateCannotBeReadAnyMore_LeavesTheWorkersToTheNextRun()
    {
        await using var scene = await SuccessionScene.StartAsync();
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        var state = scene.InState("state.json");
        var kept = await File.ReadAllBytesAsync(state);
        var program = scene.Script("unfit", $"""
            #!/bin/sh
            [ -n "$MIDSTREAM_TRY_OUT" ] || echo '<' > '{state}'
            exec '{Repository.Program}' "$@"
            """);

        var (ended, _) = await scene.UpgradeAsync(program);
        await Eventually.HoldsAsync(
            () => scene.Mine().Count == 1, () => $"There are {string.Join("; ", scene.Mine())}.");
        await File.WriteAllBytesAsync(state, kept);
        var status = await scene.RunAsync();

        Assert.Equal(3, ended.ExitCode);
        Assert.Equal(scene.First.Workers[0].Pid, status.Workers[0].Pid);
        Assert.Contains("state.json cannot be read", scene.FirstError, StringComparison.Ordinal);
        await scene.AssertNextDeployWorksAsync();
        await load.EndWithoutLossAsync();
    }

    private static string Make(SuccessionScene scene, string kind)
    {
        switch (kind)
        {
            case "not-executable":
                File.WriteAllText(scene.Folder.In(kind), "#!/bin/sh\nexit 0\n");
                return scene.Folder.In(kind);
            case "folder":
                return Directory.CreateDirectory(scene.Folder.In(kind)).FullName;
            case "not-a-program":
                return scene.Script(kind, "\u007fELF rubbish");
            case "chatty":
                return scene.Script(kind, "#!/bin/sh\necho hello\n");
            default:
                return kind.StartsWith('/') ? kind : scene.Folder.In(kind);
        }
    }

    // sh(1) finds the estate's descriptor by its variable, and gives another file under the same number.
    private static string Altering(SuccessionScene scene, string alteration) => scene.Script("altering", $"""
        #!/bin/sh
        [ -n "$MIDSTREAM_TRY_OUT" ] && exec '{Repository.Program}' "$@"
        exec python3 - "$@" <<'END'
        import fcntl, os, subprocess, sys
        number = int(os.environ["MIDSTREAM_ESTATE"])
        size = os.fstat(number).st_size
        text = os.pread(number, size, 0)
        text = subprocess.run(["sed", '{alteration}'], input=text, capture_output=True).stdout
        file = os.memfd_create("altered", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
        os.write(file, text)
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, 15)
        os.dup2(file, number)
        null = os.open("/dev/null", os.O_RDONLY)
        os.dup2(null, 0)
        os.execv('{Repository.Program}', ['{Repository.Program}'] + sys.argv[1:])
        END
        """);

    private static void AssertFailed(ProgramResult program, OperatorEvent? answer, string reason)
    {
        Assert.True(program.ExitCode == 1, $"{program}");
        var result = Assert.IsType<ResultEvent>(answer);
        Assert.Equal((Outcomes.Failed, "upgrade-failed"), (result.Outcome, result.Failure));
        Assert.Contains(reason, result.Reason, StringComparison.Ordinal);
    }

    private static async Task AssertSameAsync(SuccessionScene scene, bool? inPlace)
    {
        var status = await scene.Service.WaitForStatusAsync(now => now.Operation is null);
        Assert.Equal(scene.First.Workers.Select(worker => worker.Pid), status.Workers.Select(worker => worker.Pid));
        if (inPlace is { } same)
            Assert.Equal(same, status.Supervisor.Pid == scene.First.Supervisor.Pid);
        Assert.Equal(scene.First.Supervisor.StartedAt, status.Supervisor.StartedAt);
        await Eventually.HoldsAsync(
            () => scene.Ledger("upgrade").Any(line => line.Outcome == Outcomes.Failed), () => "The ledger does not say so.");
        await scene.AssertSettledAsync(status);

        await scene.UpgradeWellAsync();
        await scene.AssertNextDeployWorksAsync();
    }
}
