using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;

namespace Midstream.FunctionalTests.CommandLine;

/// <summary>`midstream rollback`, `releases` and a deployment of what runs already.</summary>
public sealed class RollbackTests
{
    [Fact]
    public async Task Rollback_WithoutAndWithRelease_GoesThereWithoutLoss()
    {
        await using var scene = await Scene.StartAsync();
        var first = scene.First.Release;
        var second = (await scene.Service.DeployWellAsync(scene.Folder.Working("second"))).Release!;
        var third = (await scene.Service.DeployWellAsync(scene.Folder.Working("third"))).Release!;
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);

        var toPrevious = await scene.Service.RunAsync("rollback", "--json");
        Assert.Equal(0, toPrevious.ExitCode);
        Assert.Equal(second, Scene.ResultOf(toPrevious).Release);
        Assert.Equal(third, (await scene.Service.StatusAsync()).PreviousRelease);

        var toNamed = await scene.Service.RunAsync("rollback", first[..8], "--json");
        Assert.Equal(0, toNamed.ExitCode);
        Assert.Equal(first, Scene.ResultOf(toNamed).Release);

        await scene.AssertFirstReleaseServesAgainAsync();
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Rollback_ThatCannotBe_IsRefusedAndSaysWhy()
    {
        await using var scene = await Scene.StartAsync();

        await AssertRefusedAsync(scene, "There is no release before the current one");
        await AssertRefusedAsync(scene, "begins with 'ffffffffffff'", "ffffffffffff");
        await AssertRefusedAsync(scene, "begins with 'nonsense'", "nonsense");
        await AssertRefusedAsync(scene, "begins with ''", "");

        await scene.AssertFirstServesOnAsync();
    }

    [Fact]
    public async Task Rollback_AmbiguousRelease_NamesTheCandidates()
    {
        // An id is one of sixteen by its first digit: two of them share it soon, and no later than with the seventeenth.
        await using var scene = await Scene.StartAsync("""{ "releases": { "keep": 20 }, "probation": { "duration_ms": 200 } }""");
        var ids = new List<string> { scene.First.Release };
        while (ids.GroupBy(id => id[0]).All(same => same.Count() == 1))
            ids.Add((await scene.Service.DeployWellAsync(scene.Folder.Working($"release-{ids.Count}"))).Release!);
        var shared = ids.GroupBy(id => id[0]).First(same => same.Count() > 1);

        var program = await scene.Service.RunAsync("rollback", $"{shared.Key}");

        Assert.Equal(2, program.ExitCode);
        Assert.All(shared, id => Assert.Contains(id, program.Error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rollback_ToDamagedRelease_IsRefused()
    {
        await using var scene = await Scene.StartAsync();
        await scene.Service.DeployWellAsync(scene.Folder.Working("second"));
        var file = Path.Combine(scene.Service.State, "tested", "releases", scene.First.Release, "release.txt");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(file, "other");

        var program = await scene.Service.RunAsync("rollback");

        Assert.Equal(2, program.ExitCode);
        Assert.Contains("release.txt", program.Error, StringComparison.Ordinal);
        Assert.Contains("Deploy its folder again", program.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_OfWhatRunsAlready_ChangesNothing()
    {
        await using var scene = await Scene.StartAsync();

        var (program, answer) = await scene.Service.DeployAsync(scene.Folder.In("tests-TestApps-Echo-first"));

        Assert.Equal(0, program.ExitCode);
        Assert.Equal(Outcomes.Unchanged, Assert.IsType<ResultEvent>(answer).Outcome);
        await scene.AssertFirstServesOnAsync();
    }

    [Fact]
    public async Task Releases_AfterDeployment_ListsBothNewestFirst()
    {
        await using var scene = await Scene.StartAsync();
        var second = (await scene.Service.DeployWellAsync(scene.Folder.Working("second"))).Release!;

        var json = await scene.Service.RunAsync("releases", "--json");
        var text = await scene.Service.RunAsync("releases");

        var releases = Assert.IsType<ReleasesEvent>(OperatorProtocol.ReadEvent(json.Output.Trim())).Releases;
        Assert.Equal([second, scene.First.Release], releases.Select(release => release.Id));
        Assert.True(releases[0].Current);
        Assert.True(releases[1].Previous);
        var lines = text.Output.Split('\n');
        Assert.Matches($"^{second} .*\\(current\\)$", lines[1]);
        Assert.Matches($"^{scene.First.Release} .*\\(previous\\)$", lines[2]);
    }

    private static async Task AssertRefusedAsync(Scene scene, string said, params string[] release)
    {
        var program = await scene.Service.RunAsync(["rollback", .. release]);
        Assert.Equal(2, program.ExitCode);
        Assert.Contains(said, program.Error, StringComparison.Ordinal);
        var json = await scene.Service.RunAsync(["rollback", .. release, "--json"]);
        Assert.Equal(2, json.ExitCode);
        var refused = Assert.IsType<RefusedEvent>(OperatorProtocol.ReadEvent(json.Output.Trim()));
        Assert.Contains(said, refused.Reason, StringComparison.Ordinal);
    }
}
