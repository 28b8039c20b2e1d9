// Modules replaced by command in a running service: in every worker or in none, with nothing lost.

using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Modules;

public sealed class ModuleCommandTests
{
    private const int LongestMs = 5 * 60 * 1000;

    [Theory(Timeout = LongestMs)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Deploy_UnderLoad_EveryWorkerServesTheNewAndNothingIsLost(int workers)
    {
        await using var scene = await ModuleScene.StartAsync(workers);
        await scene.DeployWellAsync("1");
        await using var load = await SteadyLoad.StartAsync(scene.Url);

        for (var version = 2; version <= 5; version++)
        {
            var result = await scene.DeployWellAsync($"{version}");
            Assert.Equal(workers, result.Modules!.Count);
            Assert.All(result.Modules, change => Assert.Equal("collected", Assert.Single(change.Endings!).Outcome));
        }

        await load.EndWithoutLossAsync();
        await scene.AssertServesAsync("5", workers);
    }

    [Theory(Timeout = LongestMs)]
    [InlineData("2-throws-start")]
    [InlineData("2-dies-start")]
    public async Task Deploy_OfAPackageThatFails_LeavesTheOldInEveryWorker(string version)
    {
        await using var scene = await ModuleScene.StartAsync(workers: 3);
        await scene.DeployWellAsync("1");

        var (code, answer) = await scene.ModuleAsync("deploy", scene.Package(version));

        Assert.Equal(1, code);
        Assert.Equal("module-refused", Assert.IsType<ResultEvent>(answer).Failure);
        // One whose module has ended it is started again, and loads what the others have.
        await scene.Service.WaitForStatusAsync(status => status is { State: "serving", Operation: null, Problem: null }
            && status.Workers.Count(worker => worker.State == "serving") == 3);
        await scene.AssertServesAsync("1", workers: 3);
        Assert.Contains(LedgerLine.ReadAll(scene.Service.State), line => line is { What: "module-deploy", Outcome: "failed" });
    }

    [Fact(Timeout = LongestMs)]
    public async Task Deploy_WithState_TheNewGoesOnWithIt()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1);
        await scene.DeployWellAsync("1");
        Assert.Equal("1", await scene.CountAsync());

        await scene.DeployWellAsync("2");

        Assert.Equal("2", await scene.CountAsync());
    }

    [Fact(Timeout = LongestMs)]
    public async Task RollbackAndRemove_AfterTwoVersions_DoWhatTheySay()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 2);
        await scene.DeployWellAsync("1");
        await scene.DeployWellAsync("2");

        Assert.Equal(0, (await scene.ModuleAsync("rollback", "fickle")).ExitCode);
        await scene.AssertServesAsync("1", workers: 2);
        Assert.Equal(0, (await scene.ModuleAsync("remove", "fickle")).ExitCode);
        await scene.AssertServesAsync(version: null, workers: 2);
        Assert.Equal(2, (await scene.ModuleAsync("remove", "fickle")).ExitCode);
        Assert.Equal(0, (await scene.ModuleAsync("rollback", "fickle")).ExitCode);
        await scene.AssertServesAsync("1", workers: 2);
    }

    [Fact(Timeout = LongestMs)]
    public async Task Deploy_OfWhatServesAlready_ChangesNothing()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1);
        await scene.DeployWellAsync("1");

        var (code, answer) = await scene.ModuleAsync("deploy", scene.Package("1"));

        Assert.Equal((0, Outcomes.Unchanged), (code, Assert.IsType<ResultEvent>(answer).Outcome));
    }

    [Fact(Timeout = LongestMs)]
    public async Task Deploy_WhileAnotherIsUnderWay_IsRefusedAndTheFirstGivenUpByItsOperator()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 2);
        await scene.DeployWellAsync("1");
        await using var first = scene.Service.Begin("module", "deploy", scene.Package("2-waits-start"), "--json");
        await first.WaitForTextAsync("\"phase\":\"start\"");

        var (code, answer) = await scene.ModuleAsync("deploy", scene.Package("3"));
        first.Signal("INT");

        Assert.Equal((4, Refusals.Busy), (code, Assert.IsType<RefusedEvent>(answer).Code));
        Assert.Equal(130, (await first.WaitAsync()).ExitCode);
        await scene.AssertServesAsync("1", workers: 2);
        await scene.DeployWellAsync("3");
    }

    [Fact(Timeout = LongestMs)]
    public async Task Explain_OfAModuleThatStays_NamesWhatKeepsIt()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1);
        await scene.DeployWellAsync("1-stays");
        await scene.DeployWellAsync("2");

        var (code, answer) = await scene.ModuleAsync("explain", "fickle");

        Assert.Equal(0, code);
        var worker = Assert.Single(Assert.IsType<ModulesEvent>(answer).Workers);
        var pinned = Assert.Single(Assert.Single(worker.Modules).Generations, one => one.State == "pinned");
        Assert.Equal("1-stays", pinned.Version);
        Assert.Contains(pinned.Culprits, culprit => culprit.Holder.Contains("Timer", StringComparison.Ordinal)
            && culprit.Held.Contains("Fickle", StringComparison.Ordinal));
    }

    [Theory(Timeout = LongestMs)]
    [InlineData("""{ "format": 1 }""")]
    [InlineData("""{ "format": 1, "name": "fickle", "version": "1", "assembly": "Absent.dll" }""")]
    public async Task Deploy_OfWhatIsNoPackage_IsRefused(string manifest)
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1);
        var package = scene.Package("1");
        File.WriteAllText(Path.Combine(package, "module.json"), manifest);

        Assert.Equal(2, (await scene.ModuleAsync("deploy", package)).ExitCode);
    }

    [Fact(Timeout = LongestMs)]
    public async Task Deploy_ToAnApplicationWithoutModules_IsRefusedWithWhatToDo()
    {
        using var folder = new TemporaryFolder();
        await using var service = await MidstreamService.StartAsync(folder, folder.Working("first"));

        var program = await service.RunAsync("module", "list");

        Assert.Equal(2, program.ExitCode);
        Assert.Contains("AddModules", program.Error, StringComparison.Ordinal);
    }

    [Fact(Timeout = LongestMs)]
    public async Task Canary_ByHeaderThenPromoted_AnswersWhoAsksForItAndThenEverybody()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 2);
        await scene.DeployWellAsync("1");

        Assert.Equal(0, (await scene.ModuleAsync("canary", scene.Package("2"), "--header", "X-Try")).ExitCode);
        await scene.AssertServesAsync("1", workers: 2);
        await scene.AssertTriesAsync("2", workers: 2);
        // One that takes the place of a worker has both.
        await scene.Service.DeployWellAsync(Repository.Published("tests/TestApps/Modular"));
        await scene.AssertTriesAsync("2", workers: 2);
        Assert.Equal(0, (await scene.ModuleAsync("rollback", "fickle")).ExitCode);
        await scene.AssertTriesAsync("1", workers: 2);
        Assert.Equal(0, (await scene.ModuleAsync("canary", scene.Package("2"), "--header", "X-Try")).ExitCode);
        Assert.Equal(0, (await scene.ModuleAsync("promote", "fickle")).ExitCode);
        await scene.AssertServesAsync("2", workers: 2);
        Assert.Equal(0, (await scene.ModuleAsync("rollback", "fickle")).ExitCode);
        await scene.AssertServesAsync("1", workers: 2);
    }

    [Fact(Timeout = LongestMs)]
    public async Task Canary_ByEveryPartOfTheRuleAndThenByItsName_AnswersWhomTheRuleNamesAndSaysSo()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1);
        await scene.DeployWellAsync("1");

        var begun = await scene.Service.RunAsync(
            "module", "canary", scene.Package("2"), "--cookie", "try=yes", "--tenant", "acme", "--tenant", "initech",
            "--tenant-by", "header:X-Tenant", "--percent", "100", "--identity", "header:X-User");

        Assert.True(begun.ExitCode == 0, begun.ToString());
        Assert.Contains(
            "fickle 2 is its canary (generation 2): cookie try=yes; tenant acme, initech (by header X-Tenant); " +
                "100 % of the clients (by header X-User)", begun.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("fickle 2 serves", begun.Output, StringComparison.Ordinal);
        Assert.Equal("2", await scene.AskAsync("Cookie", "try=yes"));
        Assert.Equal("2", await scene.AskAsync("X-Tenant", "Initech"));
        Assert.Equal("2", await scene.AskAsync("X-User", "ann"));
        Assert.Equal("1", await scene.AskAsync("X-Tenant", "umbrella"));
        await scene.AssertServesAsync("1", workers: 1);

        // What the canary is made of is in the store: its folder may be gone.
        Directory.Delete(scene.Package("2"), recursive: true);
        Assert.Equal(0, (await scene.ModuleAsync("canary", "fickle", "--header", "X-Try=2")).ExitCode);

        Assert.Equal("1", await scene.AskAsync("Cookie", "try=yes"));
        Assert.Equal("2", await scene.AskAsync("X-Try", "2"));
        var status = await scene.Service.RunAsync("status");
        Assert.Contains("module       fickle 1, canary 2: header X-Try=2", status.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await scene.ModuleAsync("canary", "other", "--percent", "5")).ExitCode);
    }

    [Fact(Timeout = LongestMs)]
    public async Task Test_FromStateInAFolder_GivesItToThePackage()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1);
        var state = Directory.CreateDirectory(scene.Folder.In("saved")).FullName;
        string[] test =
            ["module", "test", scene.Package("1"), "--host", Repository.Published("tests/TestApps/Modular"), "--from"];

        var empty = await RunningProgram.RunAsync(Repository.Program, [.. test, state]);
        File.WriteAllBytes(Path.Combine(state, "counts.7.state"), [1]);
        var newer = await RunningProgram.RunAsync(Repository.Program, [.. test, state]);
        var absent = await RunningProgram.RunAsync(Repository.Program, [.. test, Path.Combine(state, "absent")]);

        Assert.Contains($"none in {state}", empty.Output, StringComparison.Ordinal);
        Assert.Contains("counts in version 7", newer.Output, StringComparison.Ordinal);
        Assert.Contains("written in version 7", newer.Output, StringComparison.Ordinal);
        Assert.Equal((0, 1, 2), (empty.ExitCode, newer.ExitCode, absent.ExitCode));
    }

    [Theory(Timeout = LongestMs)]
    [InlineData("2", 0)]
    [InlineData("2-throws-start", 1)]
    public async Task Test_OfAPackage_SaysByItsExitCodeWhetherItPassed(string version, int expected)
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1);

        var program = await RunningProgram.RunAsync(Repository.Program,
            ["module", "test", scene.Package(version), "--host", Repository.Published("tests/TestApps/Modular"),
                "--previous", scene.Package("1")]);

        Assert.True(program.ExitCode == expected, program.ToString());
        Assert.Contains(expected == 0 ? "passed" : "failed", program.Output, StringComparison.Ordinal);
    }
}
