// Modules that need one another: together or not at all.

using Midstream.Core.Modules;
using Midstream.Modules.Tests.Scenes;

namespace Midstream.Modules.Tests.Swaps;

public sealed class GroupTests
{
    [Fact]
    public async Task DeployTogether_OfModulesThatNeedOneAnother_MovesAllInTheirOrder()
    {
        await using var scene = await ModuleScene.StartAsync();

        var results = await scene.Host.DeployTogetherAsync([Named(scene, "shop", "stock"), Named(scene, "stock")]);

        Assert.All(results, result => Assert.True(result.Outcome == SwapOutcome.Moved, result.Reason));
        Assert.Equal(["stock", "shop"], results.Select(result => result.Module));
        Assert.Equal("Hello you from 2.0.0", await scene.GetAsync("/shop/hello/you"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => scene.Host.RemoveAsync("stock"));
    }

    [Fact]
    public async Task DeployTogether_WithOneThatFails_MovesNone()
    {
        await using var scene = await ModuleScene.StartAsync();
        await scene.Host.DeployTogetherAsync([Named(scene, "shop", "stock"), Named(scene, "stock")]);
        var broken = Named(scene, "shop", "stock", folder: "broken");
        await File.WriteAllBytesAsync(Path.Combine(broken, "Greeter.dll"), [1, 2, 3]);

        var results = await scene.Host.DeployTogetherAsync([broken, Named(scene, "stock", folder: "fine")]);

        Assert.All(results, result => Assert.Equal(SwapOutcome.Abandoned, result.Outcome));
        Assert.Equal("stock 2.0.0 1 2.0.0", await scene.GetAsync("/stock/who"));
        Assert.Equal("shop 2.0.0 1 2.0.0", await scene.GetAsync("/shop/who"));
        Assert.Equal("1", await scene.PostAsync("/stock/count/1"));
        foreach (var result in results)
            Assert.Equal(UnloadOutcome.Collected, (await result.Retirement!).Verdict.Outcome);
    }

    [Fact]
    public async Task Deploy_OfAModuleWhoseNeedIsNotThere_IsRefusedWithTheName()
    {
        await using var scene = await ModuleScene.StartAsync();

        var result = await scene.Host.DeployAsync(Named(scene, "shop", "stock"));

        Assert.Equal(SwapOutcome.Abandoned, result.Outcome);
        Assert.Contains("needs the module stock", result.Reason, StringComparison.Ordinal);
    }

    private static string Named(ModuleScene scene, string name, string? needs = null, string? folder = null)
    {
        var package = TestModule.Copy(TestModule.GreeterV2, scene.Folder, folder ?? name);
        File.WriteAllText(Path.Combine(package, "module.json"), $$"""
            { "format": 1, "name": "{{name}}", "version": "2.0.0", "assembly": "Greeter.dll", "needs": [{{Quoted(needs)}}] }
            """);
        return package;
    }

    private static string Quoted(string? name) => name is null ? "" : $"\"{name}\"";
}
