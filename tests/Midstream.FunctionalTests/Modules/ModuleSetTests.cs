// The set of modules outlives whoever holds it: a worker that crashes or is replaced, and the supervisor, killed at any moment.

using Midstream.Control.Operators;
using Midstream.Core.Modules;
using Midstream.FunctionalTests.Faults;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Modules;

public sealed class ModuleSetTests
{
    private const int LongestMs = 5 * 60 * 1000;

    [Fact(Timeout = LongestMs)]
    public async Task ReplacementAndCrash_OfWorkers_KeepTheSet()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 2);
        await scene.DeployWellAsync("1");
        await scene.DeployWellAsync("2");

        await scene.Service.DeployWellAsync(Repository.Published("tests/TestApps/Modular"));
        await scene.AssertServesAsync("2", workers: 2);
        var victim = (await scene.Service.StatusAsync()).Workers[0].Pid;
        Processes.Signal(victim, "KILL");
        await scene.Service.WaitForStatusAsync(status => status is { State: "serving", Operation: null }
            && status.Workers.Count(worker => worker.State == "serving" && worker.Pid != victim) == 2);

        await scene.AssertServesAsync("2", workers: 2);
        Assert.Equal(0, (await scene.ModuleAsync("rollback", "fickle")).ExitCode);
        await scene.AssertServesAsync("1", workers: 2);
    }

    [Fact(Timeout = LongestMs)]
    public async Task Restart_OfTheWholeService_LoadsTheSet()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1);
        await scene.DeployWellAsync("1");
        Assert.Equal(0, (await scene.Service.RunAsync("stop")).ExitCode);

        await scene.RunAsync();

        await scene.AssertServesAsync("1", workers: 1);
    }

    [Fact(Timeout = LongestMs)]
    public async Task Kill_OfTheSupervisorWhileOneWorkerPrepares_LeavesTheOldSet()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 3);
        await scene.DeployWellAsync("1");
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        await using var deploy = scene.Service.Begin("module", "deploy", scene.Package("2-waits-start"), "--json");
        await deploy.WaitForTextAsync("\"phase\":\"start\"");

        await KillAndRunAsync(scene);

        Assert.Equal(3, (await deploy.WaitAsync()).ExitCode);
        await scene.AssertServesAsync("1", workers: 3);
        // What waited in a worker waits no more: its state would be kept twice.
        var left = Assert.IsType<ModulesEvent>((await scene.ModuleAsync("explain", "fickle")).Answer);
        Assert.DoesNotContain(
            left.Workers.SelectMany(worker => worker.Modules).SelectMany(module => module.Generations),
            generation => generation.State == "preparing");
        await scene.DeployWellAsync("3");
        await scene.AssertServesAsync("3", workers: 3);
        await load.EndWithoutLossAsync();
    }

    [Theory(Timeout = LongestMs)]
    [InlineData("warm-up")]
    [InlineData("move")]
    [InlineData("retire")]
    public async Task Kill_OfTheSupervisorAroundTheMove_AllWorkersHaveOneSet(string phase)
    {
        await using var scene = await ModuleScene.StartAsync(workers: 3);
        await scene.DeployWellAsync("1");
        await using var load = await SteadyLoad.StartAsync(scene.Url);
        await using var deploy = scene.Service.Begin("module", "deploy", scene.Package("2"), "--json");
        await deploy.WaitForTextAsync($"\"phase\":\"{phase}\"");

        await KillAndRunAsync(scene);

        var served = (await scene.ListAsync()).Workers.SelectMany(worker => worker.Modules).Select(module => module.Version)
            .Distinct();
        await scene.AssertServesAsync(Assert.Single(served), workers: 3);
        if (phase == "retire")
            Assert.Equal("2", Assert.Single(served));
        await scene.DeployWellAsync("3");
        await load.EndWithoutLossAsync();
    }

    [Fact(Timeout = LongestMs)]
    public async Task Kill_OfTheSupervisorBetweenTheWritingOfTheSetAndTheMove_TheNextOneMovesTheWorkers()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 2);
        await scene.DeployWellAsync("1");
        await scene.DeployWellAsync("2");
        var file = Path.Combine(scene.Service.State, "tested", "modules.json");

        await KillAndRunAsync(scene, () =>
        {
            // As it is on disk when the set was written and nobody has been told to move.
            var set = DesiredSet.Read(File.ReadAllBytes(file));
            var wish = set.Modules["fickle"];
            var other = KeyValuePair.Create(
                "fickle", (DesiredModule?)(wish with { Package = wish.Previous, Previous = wish.Package }));
            File.WriteAllBytes(file, set.With([other]).ToJson());
        });

        await scene.AssertServesAsync("1", workers: 2);
    }

    [Fact(Timeout = LongestMs)]
    public async Task Death_OfAWorkerByItsNewModule_TakesAllWorkersBack()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 2, probationMs: 3000);
        await scene.DeployWellAsync("1");
        // Clients whose requests the new module ends its process with, after it has moved everywhere.
        using var http = new HttpClient();
        await using var deploy = scene.Service.Begin("module", "deploy", scene.Package("2-dies-serving"), "--json");
        await deploy.WaitForTextAsync("\"phase\":\"probation\"");
        while (!deploy.HasExited)
            await http.GetAsync(scene.Url).ContinueWith(static asked => _ = asked.Exception, TaskScheduler.Default);

        Assert.Equal(5, (await deploy.WaitAsync()).ExitCode);
        await scene.Service.WaitForStatusAsync(status => status is { State: "serving", Operation: null }
            && status.Workers.Count(worker => worker.State == "serving") == 2);
        await scene.AssertServesAsync("1", workers: 2);
    }

    [Fact(Timeout = LongestMs)]
    public async Task Start_WithASetThatFitsIntoNoVariable_LoadsIt()
    {
        await using var scene = await ModuleScene.StartAsync(workers: 1);
        await scene.DeployWellAsync("1");
        Assert.Equal(0, (await scene.Service.RunAsync("stop")).ExitCode);
        var file = Path.Combine(scene.Service.State, "tested", "modules.json");
        var gone = Enumerable.Range(0, 4000).Select(number => KeyValuePair.Create(
            $"removed-{number}", (DesiredModule?)new DesiredModule(Package: null, Previous: "0123456789ab")));
        await File.WriteAllBytesAsync(file, DesiredSet.Read(await File.ReadAllBytesAsync(file)).With(gone).ToJson());
        Assert.True(new FileInfo(file).Length > 128 * 1024, "It would fit into a variable.");

        await scene.RunAsync();

        await scene.AssertServesAsync("1", workers: 1);
        await scene.DeployWellAsync("2");
        await scene.Service.DeployWellAsync(scene.NextRelease());
        await scene.AssertServesAsync("2", workers: 1);
    }

    [Fact(Timeout = LongestMs)]
    public async Task Deploy_ToWorkersOfAnotherUser_LetsThemReadThePackages()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Another user needs root.");
        await using var scene = await ModuleScene.StartAsync(workers: 1, """ "limits": { "user": "nobody" }, """);
        await scene.DeployWellAsync("1");
        await scene.AssertServesAsync("1", workers: 1);

        await scene.Service.DeployWellAsync(scene.NextRelease());

        await scene.AssertServesAsync("1", workers: 1);
        await scene.DeployWellAsync("2");
        Assert.Equal(0, (await scene.ModuleAsync("rollback", "fickle")).ExitCode);
        await scene.AssertServesAsync("1", workers: 1);
    }

    private static async Task KillAndRunAsync(ModuleScene scene, Action? inBetween = null)
    {
        var supervisor = scene.Service.Supervisor.Pid;
        Processes.Signal(supervisor, "KILL");
        await Eventually.HoldsAsync(() => !Processes.IsAlive(supervisor), () => "The supervisor does not end.");
        inBetween?.Invoke();
        await scene.RunAsync();
    }
}
