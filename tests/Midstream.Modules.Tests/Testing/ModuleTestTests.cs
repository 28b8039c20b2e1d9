// A package's test without a service.

using Microsoft.Extensions.DependencyInjection;
using Midstream.Modules.Tests.Scenes;
using Midstream.TestKit;

namespace Midstream.Modules.Tests.Testing;

[Collection(OddTests.Name)]
public sealed class ModuleTestTests
{
    [Fact]
    public async Task Run_OfAGoodPackage_GoesThroughEveryStep()
    {
        var result = await ModuleTest.RunAsync(TestModule.GreeterV1);

        Assert.True(result.Passed, result.ToString());
        Assert.Equal(("greeter", "1.0.0"), (result.Module, result.Version));
        Assert.Equal(
            ["verify", "load", "build", "migrate", "start", "warm-up", "move", "state", "stop and unload"],
            result.Steps.Select(step => step.Name));
        Assert.EndsWith("greeter 1.0.0: passed", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithThePackageBefore_TakesItsStateForthBackAndForth()
    {
        var result = await ModuleTest.RunAsync(
            TestModule.GreeterV2, new ModuleTestOptions { PreviousPackage = TestModule.GreeterV1 });

        Assert.True(result.Passed, result.ToString());
        Assert.Contains("the one before: warm-up", result.Steps.Select(step => step.Name));
        Assert.Contains("back: migrate", result.Steps.Select(step => step.Name));
        Assert.Contains("forth: migrate", result.Steps.Select(step => step.Name));
    }

    [Fact]
    public async Task Run_WithGivenStateThatCannotBeRead_FailsInTheMigrationWithTheReason()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.In("tallies.7.state"), [1]);

        var result = await ModuleTest.RunAsync(TestModule.GreeterV1, new ModuleTestOptions { StateFolder = folder.Path });

        Assert.False(result.Passed);
        Assert.Equal("migrate", result.Steps[^1].Name);
        Assert.Contains("written in version 7", result.Steps[^1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithGivenState_ReadsIt()
    {
        using var folder = new TemporaryFolder();
        await using (var file = File.Create(folder.In("tallies.1.state")))
        {
            var tallies = new StateDictionary<string, string>("tallies", StateCodec.Text, StateCodec.Text);
            await tallies.SetAsync("all", """{"count":41}""");
            await tallies.ExportAsync(file, 1, CancellationToken.None);
        }

        var result = await ModuleTest.RunAsync(TestModule.GreeterV1, new ModuleTestOptions { StateFolder = folder.Path });

        Assert.True(result.Passed, result.ToString());
        var size = new FileInfo(folder.In("tallies.1.state")).Length;
        Assert.Contains($"tallies is written in version 1: {size} bytes", result.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("throw in start", "start", "odd in start")]
    [InlineData("answer 500 in warm-up", "warm-up", "was answered with 500")]
    [InlineData("timer", "stop and unload", "Odd.Leaks.Tick")]
    public async Task Run_OfABadPackage_FailsInItsStepAndSaysWhy(string wish, string step, string reason)
    {
        AppContext.SetData("odd", wish);
        try
        {
            var result = await ModuleTest.RunAsync(OddScene.Package, new ModuleTestOptions
            {
                Modules = options =>
                {
                    options.UnloadTimeout = TimeSpan.FromSeconds(2);
                    options.Lent.Add(typeof(List<object>));
                },
                Host = builder => builder.Services.AddSingleton(new List<object>()),
            });

            Assert.False(result.Passed);
            Assert.Equal(step, result.Steps[^1].Name);
            Assert.Contains(reason, result.Steps[^1].Detail, StringComparison.Ordinal);
        }
        finally
        {
            AppContext.SetData("odd", "");
        }
    }

    [Fact]
    public async Task Run_OfWhatIsNoPackage_FailsInTheVerification()
    {
        using var folder = new TemporaryFolder();

        var result = await ModuleTest.RunAsync(folder.Path);

        Assert.Equal((false, "verify"), (result.Passed, Assert.Single(result.Steps).Name));
    }
}
