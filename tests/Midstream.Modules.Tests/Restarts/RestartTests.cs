// That the next process loads the same set of modules.

using System.Net;
using Midstream.Core.Modules;
using Midstream.Modules.Tests.Scenes;
using Midstream.TestKit;

namespace Midstream.Modules.Tests.Restarts;

public sealed class RestartTests
{
    [Fact]
    public async Task Start_AfterADeployment_LoadsWhatWasDeployedAndCanGoBack()
    {
        using var data = new TemporaryFolder();
        await using (var first = await StartAsync(data, ships: null))
        {
            await first.DeployAsync(TestModule.GreeterV1);
            await first.DeployAsync(TestModule.GreeterV2);
        }

        await using var second = await StartAsync(data, ships: null);

        Assert.Equal("Hello you from 2.0.0", await second.GetAsync("/greeter/hello/you"));
        Assert.Equal(SwapOutcome.Moved, (await second.Host.RollbackAsync("greeter")).Outcome);
        Assert.Equal("Hello you from 1.0.0", await second.GetAsync("/greeter/hello/you"));
    }

    [Fact]
    public async Task Start_WithAShippedModule_LoadsItUntilAnotherIsDeployedOrItIsRemoved()
    {
        using var data = new TemporaryFolder();
        var ships = data.In("ships");
        TestModule.Copy(TestModule.GreeterV1, data, "ships/greeter");
        await using (var first = await StartAsync(data, ships))
        {
            Assert.Equal("Hello you from 1.0.0", await first.GetAsync("/greeter/hello/you"));
            await first.DeployAsync(TestModule.GreeterV2);
        }

        await using (var second = await StartAsync(data, ships))
        {
            Assert.Equal("Hello you from 2.0.0", await second.GetAsync("/greeter/hello/you"));
            await second.Host.RemoveAsync("greeter");
        }

        await using var third = await StartAsync(data, ships);
        Assert.Equal(HttpStatusCode.NotFound, await third.StatusOfAsync("/greeter/hello/you"));
    }

    [Fact]
    public async Task Deploy_WhenTheSetCannotBeWritten_LeavesTheOldServing()
    {
        using var data = new TemporaryFolder();
        await using var scene = await StartAsync(data, ships: null);
        await scene.DeployAsync(TestModule.GreeterV1);
        // A folder in the file's place, not empty, is replaced by nobody: not even by root.
        File.Delete(data.In("data/modules.json"));
        Directory.CreateDirectory(data.In("data/modules.json/in the way"));

        var failed = await scene.Host.DeployAsync(TestModule.GreeterV2);

        Assert.Equal((SwapOutcome.Abandoned, SwapPhase.Move), (failed.Outcome, failed.Phase));
        Assert.Contains("could not be written down", failed.Reason, StringComparison.Ordinal);
        Assert.Equal("Hello you from 1.0.0", await scene.GetAsync("/greeter/hello/you"));
        Assert.Equal("1", await scene.PostAsync("/greeter/count/1"));
    }

    [Fact]
    public async Task Deploy_OfManyPackages_KeepsThoseInUseAndTheNewestOfTheOthers()
    {
        using var data = new TemporaryFolder();
        await using var scene = await ModuleScene.StartAsync(options =>
        {
            options.DataFolder = data.In("data");
            options.KeepPackages = 1;
        });
        var packages = new List<string>();
        for (var number = 0; number < 6; number++)
        {
            var result = await scene.DeployAsync(TestModule.Variant(TestModule.GreeterV1, data, $"variant {number}"));
            packages.Add(result.Package);
            await (result.Retirement ?? Task.CompletedTask);
        }

        await scene.DeployAsync(TestModule.Variant(TestModule.GreeterV1, data, "last"));

        await Waiting.UntilAsync(() => !Stored(data).Contains(packages[0]), "the oldest to be removed");
        Assert.Contains(packages[^1], Stored(data));
        Assert.Equal(SwapOutcome.Moved, (await scene.Host.RollbackAsync("greeter")).Outcome);
    }

    private static List<string> Stored(TemporaryFolder data) =>
        [.. Directory.EnumerateFiles(data.In("data/packages"), "*.json", SearchOption.AllDirectories)
            .Select(path => Path.GetFileNameWithoutExtension(path))];

    private static Task<ModuleScene> StartAsync(TemporaryFolder data, string? ships) => ModuleScene.StartAsync(options =>
    {
        options.DataFolder = data.In("data");
        options.Folder = ships;
    });
}
