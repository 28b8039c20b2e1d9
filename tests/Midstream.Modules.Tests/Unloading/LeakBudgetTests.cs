// Generations that stay: past the budget somebody is told, and the sweep of caches knows whether it fits the runtime.

using Microsoft.Extensions.DependencyInjection;
using Midstream.Core.Modules;
using Midstream.HandOver;
using Midstream.Modules.Tests.Scenes;
using Midstream.Modules.Unloading;

namespace Midstream.Modules.Tests.Unloading;

[Collection(OddTests.Name)]
public sealed class LeakBudgetTests
{
    [Fact]
    public async Task Leak_PastTheBudget_AsksForAnotherProcessAndSaysWhatStays()
    {
        var told = new Told();
        await using var scene = await OddScene.StartAsync(
            options =>
            {
                options.UnloadTimeout = TimeSpan.FromSeconds(1);
                options.LeakBudget = 1;
            },
            services => services.AddSingleton<IModuleEscalation>(told).AddSingleton<IReplacementWish>(told));
        await scene.DeployWellAsync("timer");

        await (await scene.DeployWellAsync("timer")).Retirement!;
        Assert.Empty(told.Escalations);
        await (await scene.DeployWellAsync()).Retirement!;

        var escalation = Assert.Single(told.Escalations);
        Assert.Equal(("odd", 1), (escalation.Module, escalation.Budget));
        Assert.Equal([1L, 2L], escalation.Staying.Select(one => one.Number));
        Assert.All(escalation.Staying, one => Assert.Equal(UnloadOutcome.Pinned, one.Verdict!.Outcome));
        Assert.StartsWith(
            "2 generations of the module odd stay in memory", Assert.Single(told.Reasons), StringComparison.Ordinal);
        Assert.Equal("3", await scene.WhoAsync());
    }

    [Fact]
    public void SelfTest_OnTheRuntimeThatIsTested_FindsEveryCacheWhereItIsKnownToBe() => 
        Assert.True(CacheSelfTest.Problems.Count == 0, string.Join('\n', CacheSelfTest.Problems));

    [Fact]
    public void FindMissing_OfATableThatIsNotThere_NamesIt() => Assert.Equal(
        ["System.Object has no table at s_gone/*"], FrameworkCaches.FindMissing([("System.Object, System.Runtime", "s_gone/*")]));

    private sealed class Told : IModuleEscalation, IReplacementWish
    {
        public List<ModuleEscalation> Escalations { get; } = [];

        public List<string> Reasons { get; } = [];

        public void Escalate(ModuleEscalation happened) => Escalations.Add(happened);

        public void Ask(string reason) => Reasons.Add(reason);
    }
}
