// Two generations of one module that serve at once.

using System.Globalization;
using Midstream.Core.Modules;
using Midstream.Modules.Tests.Scenes;
using Midstream.TestKit;

namespace Midstream.Modules.Tests.Canaries;

public sealed class CanaryTests
{
    private const string One = "Hello you from 1.0.0";
    private const string Two = "Hello you from 2.0.0";

    private static readonly CanaryRule s_byHeader = new() { Header = new("X-Version") };

    [Fact]
    public async Task Canary_ByAHeader_GetsTheRequestsThatCarryItAndNoOther()
    {
        await using var scene = await StartAsync();

        var result = await CanaryAsync(scene, s_byHeader);

        Assert.Equal((2, "2.0.0"), (result.Generation, result.Version));
        Assert.Equal(One, await AskAsync(scene));
        Assert.Equal(Two, await AskAsync(scene, "X-Version: canary"));
        Assert.Equal(One, await AskAsync(scene, "X-Version: current"));
        var status = scene.Host.Status[0];
        Assert.Equal((1L, 2L), (status.Serving!.Value, status.Canary!.Generation));
        Assert.Equal([ModuleState.Serving, ModuleState.Canary], status.Generations.Select(one => one.State));
        Assert.Equal([2L, 1L], status.Generations.Select(one => one.Requests));
    }

    [Theory]
    [InlineData("Cookie: a=b; version=canary", true)]
    [InlineData("Cookie: version=current", false)]
    [InlineData("Cookie: myversion=canary", false)]
    [InlineData("X-Tenant: Acme", true)]
    [InlineData("X-Tenant: other", false)]
    public async Task Canary_ByCookieOrTenant_GetsTheRequestsThatAreNamed(string header, bool isCanarys)
    {
        await using var scene = await StartAsync();

        await CanaryAsync(scene, new CanaryRule
        {
            Cookie = new("version"), Tenants = new(TenantSource.Header, "X-Tenant", ["acme"]),
        });

        Assert.Equal(isCanarys ? Two : One, await AskAsync(scene, header));
    }

    [Fact]
    public async Task Canary_ByTheHost_GetsItsRequestsWhateverThePort()
    {
        await using var scene = await StartAsync();

        await CanaryAsync(scene, new CanaryRule { Tenants = new(TenantSource.Host, null, ["acme.example"]) });

        Assert.Equal(Two, await AskAsync(scene, "Host: ACME.example:8080"));
        Assert.Equal(One, await AskAsync(scene, "Host: other.example"));
    }

    [Fact]
    public async Task Canary_ByAShareOfNamedClients_GetsTheClientsThatAnyProcessWouldChoose()
    {
        await using var scene = await StartAsync();
        var result = await CanaryAsync(scene, Share(30));
        var seed = CanaryDecision.SeedOf("greeter", result.Package);

        foreach (var client in Enumerable.Range(0, 60).Select(one => one.ToString(CultureInfo.InvariantCulture)))
        {
            var expected = CanaryDecision.BucketOf(seed, client) < CanaryDecision.LimitOf(30) ? Two : One;
            Assert.Equal(expected, await AskAsync(scene, $"X-Client: {client}"));
        }

        Assert.Equal(One, await AskAsync(scene));
    }

    [Fact]
    public async Task Canary_WithALargerShare_KeepsTheClientsOfTheSmallerOne()
    {
        await using var scene = await StartAsync();
        await CanaryAsync(scene, Share(20));
        var before = await ClientsOfCanaryAsync(scene);

        await scene.Host.ChangeCanaryAsync("greeter", Share(60));

        var after = await ClientsOfCanaryAsync(scene);
        Assert.Empty(before.Except(after));
        Assert.True(after.Count > before.Count);
        Assert.Equal(60, scene.Host.Status[0].Canary!.Rule.Percent);
        await scene.Host.ChangeCanaryAsync("greeter", Share(100));
        Assert.Equal(60, (await ClientsOfCanaryAsync(scene)).Count);
    }

    [Fact]
    public async Task Canary_ByCookie_GivesAClientItsCookieOnceAndKeepsItWhereItIs()
    {
        await using var scene = await StartAsync();
        await CanaryAsync(scene, new CanaryRule { Percent = 50 });

        var served = new HashSet<string>();
        for (var client = 0; client < 20; client++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/greeter/hello/you");
            using var first = await scene.Client.SendAsync(request);
            var answer = await first.Content.ReadAsStringAsync();
            var cookie = first.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
            Assert.StartsWith("midstream-client=", cookie, StringComparison.Ordinal);
            for (var again = 0; again < 3; again++)
                Assert.Equal(answer, await AskAsync(scene, $"Cookie: {cookie}"));
            served.Add(answer);
        }

        // 1 in 500,000 that a fair draw gives all of twenty clients the same.
        Assert.Equal([One, Two], served.Order());
    }

    [Fact]
    public async Task Canary_WithWrites_NeitherLosesNorDoublesThemThroughPromotion()
    {
        await using var scene = await StartAsync();
        await CanaryAsync(scene, Share(50));
        using var clients = new NamedClients(scene.Address, last: "greeter 2.0.0 2 2.0.0");
        clients.Start(12);
        await clients.AnsweredAsync(300);

        var promoted = await scene.Host.PromoteAsync("greeter");

        Assert.True(promoted.Outcome == SwapOutcome.Moved, promoted.Reason);
        await clients.AnsweredAsync(300);
        await clients.StopAsync();
        Assert.Equal($"{clients.Counted}", await scene.GetAsync("/greeter/count"));
        Assert.Equal(Two, await AskAsync(scene, "X-Version: current"));
        Assert.Equal((2L, null), (scene.Host.Status[0].Serving!.Value, scene.Host.Status[0].Canary));
        Assert.Equal(UnloadOutcome.Collected, (await promoted.Retirement!).Verdict.Outcome);
    }

    // While clients write, what changed last is carried over by itself; here only the copy has it.
    [Fact]
    public async Task Promote_WhenAllWritesHaveEnded_HasThemAll()
    {
        await using var scene = await StartAsync();
        await CanaryAsync(scene, s_byHeader);
        Assert.Equal("1", await CountAsync(scene, "X-Version: canary"));
        Assert.Equal("2", await CountAsync(scene, "X-Version: current"));

        var promoted = await scene.Host.PromoteAsync("greeter");

        Assert.True(promoted.Outcome == SwapOutcome.Moved, promoted.Reason);
        Assert.Equal("3", await CountAsync(scene));
    }

    [Fact]
    public async Task Rollback_WithACanary_EndsItAndLosesNoWriteThatItMade()
    {
        await using var scene = await StartAsync();
        await CanaryAsync(scene, s_byHeader);
        Assert.Equal("1", await CountAsync(scene, "X-Version: canary"));
        Assert.Equal("2", await CountAsync(scene, "X-Version: current"));

        var back = await scene.Host.RollbackAsync("greeter");

        Assert.Equal((SwapOutcome.Moved, 1L), (back.Outcome, back.Generation));
        Assert.Equal("3", await CountAsync(scene, "X-Version: canary"));
        Assert.Equal(One, await AskAsync(scene, "X-Version: canary"));
        Assert.Equal(UnloadOutcome.Collected, (await back.Retirement!).Verdict.Outcome);
    }

    [Fact]
    public async Task Deploy_WithACanary_EndsItToo()
    {
        await using var scene = await StartAsync();
        await CanaryAsync(scene, s_byHeader);

        await scene.DeployAsync(TestModule.GreeterV1);

        Assert.Equal(One, await AskAsync(scene, "X-Version: canary"));
        Assert.Equal("1", await CountAsync(scene));
        await Waiting.UntilAsync(
            () => scene.Host.Status[0].Generations.Take(2).All(one => one.State == ModuleState.Collected), "both to be gone");
    }

    [Fact]
    public async Task Canary_WithAWrongRuleOrNothingBesideIt_IsRefused()
    {
        await using var scene = await ModuleScene.StartAsync();
        Assert.Contains("No module greeter serves",
            (await scene.Host.CanaryAsync(TestModule.GreeterV2, s_byHeader)).Reason, StringComparison.Ordinal);
        await scene.DeployAsync(TestModule.GreeterV1);

        Assert.Contains("percent:",
            (await scene.Host.CanaryAsync(TestModule.GreeterV2, new CanaryRule { Percent = 101 })).Reason,
            StringComparison.Ordinal);
        Assert.Contains("No canary", (await scene.Host.PromoteAsync("greeter")).Reason, StringComparison.Ordinal);
        Assert.Contains("No canary", (await scene.Host.AbortCanaryAsync("greeter")).Reason, StringComparison.Ordinal);
        Assert.Equal(One, await AskAsync(scene, "X-Version: canary"));
    }

    [Fact]
    public async Task Start_AfterACanary_LoadsItAgainWithItsRule()
    {
        using var data = new TemporaryFolder();
        await using (var first = await ModuleScene.StartAsync(options => options.DataFolder = data.In("data")))
        {
            await first.DeployAsync(TestModule.GreeterV1);
            await CanaryAsync(first, s_byHeader);
        }

        await using var second = await ModuleScene.StartAsync(options => options.DataFolder = data.In("data"));

        Assert.Equal(One, await AskAsync(second));
        Assert.Equal(Two, await AskAsync(second, "X-Version: canary"));
        Assert.Equal(SwapOutcome.Moved, (await second.Host.PromoteAsync("greeter")).Outcome);
        Assert.Equal(Two, await AskAsync(second));
    }

    private static CanaryRule Share(double percent) =>
        new() { Percent = percent, Identity = CanaryIdentity.Header, IdentityHeader = "X-Client" };

    private static async Task<ModuleScene> StartAsync()
    {
        var scene = await ModuleScene.StartAsync();
        await scene.DeployAsync(TestModule.GreeterV1);
        return scene;
    }

    private static async Task<SwapResult> CanaryAsync(ModuleScene scene, CanaryRule rule)
    {
        var result = await scene.Host.CanaryAsync(TestModule.GreeterV2, rule);
        Assert.True(result.Outcome == SwapOutcome.Moved, result.Reason);
        return result;
    }

    private static async Task<List<string>> ClientsOfCanaryAsync(ModuleScene scene)
    {
        var clients = new List<string>();
        for (var client = 0; client < 60; client++)
        {
            if (await AskAsync(scene, $"X-Client: {client}") == Two)
                clients.Add($"{client}");
        }

        return clients;
    }

    private static Task<string> AskAsync(ModuleScene scene, string? header = null) =>
        SendAsync(scene, HttpMethod.Get, "/greeter/hello/you", header);

    private static Task<string> CountAsync(ModuleScene scene, string? header = null) =>
        SendAsync(scene, HttpMethod.Post, "/greeter/count/1", header);

    private static async Task<string> SendAsync(ModuleScene scene, HttpMethod method, string path, string? header)
    {
        using var request = new HttpRequestMessage(method, path);
        if (header?.Split(": ") is { } parts)
            request.Headers.TryAddWithoutValidation(parts[0], parts[1]);
        using var response = await scene.Client.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }
}
