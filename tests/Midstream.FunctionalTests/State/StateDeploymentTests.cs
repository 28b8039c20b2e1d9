// State and the singular service under the whole program, while clients write: through deployments, one that fails, a rollback,
// and the supervisor's death in between.

using Midstream.FunctionalTests.Succession;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.State;

public sealed class StateDeploymentTests(ITestOutputHelper output)
{
    private const int Clients = 4;
    private const int TickMs = 20;

    // On a busy machine; an idle one needs a tenth of it.
    private const int GapMaxMs = 5000;

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Deploy_FailAndRollBackAndKillTheSupervisor_EveryWriteIsThereOnceAndOneServiceRuns()
    {
        var beats = "";
        await using var scene = await SuccessionScene.StartAsync(options: $$"""
            "probation": { "duration_ms": 50 },
            "environment": { "COUNTING_BEAT": "/tmp/{{Guid.NewGuid():N}}.beats", "COUNTING_TICK_MS": "{{TickMs}}" },
            """, release: folder => Counting(folder, "first"));
        beats = await BeatsOfAsync(scene);
        try
        {
            await using var clients = CountingClients.Start(scene.Url, Clients);

            await scene.Service.DeployWellAsync(Counting(scene.Folder, "second"));
            var failed = await scene.Service.DeployAsync(Counting(scene.Folder, "broken", ("misbehave", "")));
            await scene.KillAndRunAsync();
            var rollback = await scene.Service.RunAsync("rollback", "--json");
            await scene.UpgradeWellAsync();
            await scene.Service.DeployWellAsync(Counting(scene.Folder, "third"));

            var writes = await clients.EndAsync();
            Assert.Equal(1, failed.Program.ExitCode);
            Assert.Equal(0, rollback.ExitCode);
            var ran = Beats.Read(beats);
            var generations = ran.AssertOneAtATime();
            output.WriteLine($"{writes} writes, service in {string.Join(", ", generations)}, gap {ran.LongestGapMs()} ms");
            // The third is the one that failed.
            Assert.Equal([1, 2, 4, 5], generations);
            Assert.InRange(ran.LongestGapMs(), TickMs / 2, GapMaxMs);
            Assert.True(writes > 100, $"only {writes} writes: no proof");
            await scene.AssertSettledAsync(await scene.Service.StatusAsync());
        }
        finally
        {
            File.Delete(beats);
        }
    }

    // With several workers each has a state of its own, which goes to the worker that takes its place.
    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Deploy_OfSeveralWorkers_GivesEachItsOwnStateAndTheServiceToOne()
    {
        await using var scene = await SuccessionScene.StartAsync(
            workers: 2, options: """ "probation": { "duration_ms": 50 }, """, release: folder => Counting(folder, "first"));
        // Which worker answers is chance, so that both have counted in the end.
        await Waiting.UntilAsync(async () => await CountedAsync(scene, "0"), "an answer of each worker");
        var before = await SumsAsync(scene);

        await scene.Service.DeployWellAsync(Counting(scene.Folder, "second"));
        await scene.KillAndRunAsync();
        await scene.Service.DeployWellAsync(Counting(scene.Folder, "third"));

        var after = await SumsAsync(scene);
        Assert.Equal(2, before.Count);
        Assert.Equal(before.Values.Order(), after.Values.Order());
        Assert.Empty(before.Keys.Intersect(after.Keys));
    }

    private readonly HashSet<string> _answered = [];

    private async Task<bool> CountedAsync(SuccessionScene scene, string key)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri(scene.Url, $"/counts/{key}"), content: null);
        _answered.Add((await answer.Content.ReadAsStringAsync()).Split(' ')[1]);
        return _answered.Count == 2;
    }

    // The count of each worker, asked until each has answered.
    private static async Task<Dictionary<string, string>> SumsAsync(SuccessionScene scene)
    {
        var sums = new Dictionary<string, string>();
        await Waiting.UntilAsync(
            async () =>
            {
                using var http = new HttpClient();
                var answer = (await http.GetStringAsync(new Uri(scene.Url, "/counts/0"))).Split(' ');
                sums[answer[1]] = answer[0];
                return sums.Count == 2;
            },
            "an answer of each worker");
        return sums;
    }

    private static async Task<string> BeatsOfAsync(SuccessionScene scene)
    {
        var environment = await File.ReadAllTextAsync($"/proc/{scene.First.Workers[0].Pid}/environ");
        return environment.Split('\0').Single(one => one.StartsWith("COUNTING_BEAT=", StringComparison.Ordinal))[14..];
    }

    private static string Counting(TemporaryFolder folder, string marker, params (string Name, string Content)[] files) =>
        folder.MakeRelease(Repository.Published("tests/TestApps/Counting"), marker, files);
}
