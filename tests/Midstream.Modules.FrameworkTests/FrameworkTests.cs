// Modules with the frameworks that services are made of: each is swapped while it is used, and leaves the memory or is named.

using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Midstream.Core.Modules;
using Midstream.Modules.Tests.Scenes;
using Midstream.TestKit;

namespace Midstream.Modules.FrameworkTests;

[Collection(FrameworkTests.Name)]
public sealed class FrameworkTests
{
    internal const string Name = "frameworks, one after the other";

    private static readonly Method<string, string> s_who = Call(MethodType.Unary, "Who");
    private static readonly Method<string, string> s_repeat = Call(MethodType.ServerStreaming, "Repeat");

    private static readonly Assembly[] s_entityFramework =
    [
        typeof(DbContext).Assembly, typeof(RelationalDatabaseFacadeExtensions).Assembly,
        typeof(SqliteDbContextOptionsBuilderExtensions).Assembly,
    ];

    [Fact]
    public async Task Swap_OfAModuleWithEntityFrameworkOfTheHosts_LosesNothingAndLeaves()
    {
        using var folder = new TemporaryFolder();
        await using var scene = await ModuleScene.StartAsync(Sharing, builder => UseDatabase(builder, folder));
        long[] added = [0, 0, 0];

        await SwappedUnderTraffic.RunAsync(scene, TestModule.Built("Catalog"), async client =>
        {
            Assert.Equal("added", await scene.PostAsync($"/catalog/items/c{client}"));
            added[client]++;
            Assert.Equal($"{added[client]}", await scene.GetAsync($"/catalog/items/count?name=c{client}"));
        });
    }

    // The host's options equal the module's, and by them Entity Framework finds its models and compiled queries.
    [Fact]
    public async Task Swap_WhileTheHostUsesEntityFrameworkAlike_LeavesAndTakesNothingFromTheHost()
    {
        using var folder = new TemporaryFolder();
        await using var scene = await ModuleScene.StartAsync(Sharing, builder =>
        {
            UseDatabase(builder, folder);
            builder.Services.AddDbContext<HostContext>(options => options.UseSqlite($"Data Source={folder.In("host.db")}"));
        });
        var model = ModelOfHost(scene);
        await scene.DeployAsync(TestModule.Built("Catalog"));
        Assert.Equal("added", await scene.PostAsync("/catalog/items/c1"));

        var second = await scene.DeployAsync(TestModule.Built("Catalog"));

        var ended = await second.Retirement!;
        Assert.Equal((UnloadOutcome.Collected, ""), (ended.Verdict.Outcome, string.Join('\n', ended.Verdict.Culprits)));
        Assert.Same(model, ModelOfHost(scene));
    }

    // Not registered, so that nothing can keep its options apart.
    [Fact]
    public async Task Swap_OfAModuleThatMakesItsContextsItself_Leaves()
    {
        using var folder = new TemporaryFolder();
        UseContextByHand(folder.In("host.db"));
        await using var scene = await ModuleScene.StartAsync(Sharing, builder =>
        {
            UseDatabase(builder, folder);
            builder.Configuration.AddInMemoryCollection([new("Modules:catalog:ByHand", "true")]);
        });
        await scene.DeployAsync(TestModule.Built("Catalog"));
        Assert.Equal("added", await scene.PostAsync("/catalog/items/c1"));

        var second = await scene.DeployAsync(TestModule.Built("Catalog"));

        Assert.Equal(UnloadOutcome.Collected, (await second.Retirement!).Verdict.Outcome);
    }

    [Fact]
    public async Task Swap_OfAModuleWithItsOwnEntityFrameworkAndSqlite_ServesAndNamesWhatStays()
    {
        using var folder = new TemporaryFolder();
        await using var scene = await ModuleScene.StartAsync(
            options =>
            {
                Patiently(options);
                options.UnloadTimeout = TimeSpan.FromSeconds(3);
            },
            builder => UseDatabase(builder, folder));
        await scene.DeployAsync(TestModule.Built("CatalogOwn"));
        Assert.Equal("added", await scene.PostAsync("/catalog/items/c1"));

        var second = await scene.DeployAsync(TestModule.Built("CatalogOwn"));

        Assert.Equal("1", await scene.GetAsync("/catalog/items/count?name=c1"));
        // Its native library too is the package's own, from the store.
        Assert.Contains(
            await File.ReadAllLinesAsync("/proc/self/maps"),
            line => line.Contains(scene.Folder.Path, StringComparison.Ordinal)
                && line.EndsWith("libe_sqlite3.so", StringComparison.Ordinal));
        var ended = await second.Retirement!;
        Assert.Equal(UnloadOutcome.Pinned, ended.Verdict.Outcome);
        Assert.Contains(
            ended.Verdict.Culprits, culprit => culprit.Held.Contains("SqliteConnectionFactory", StringComparison.Ordinal));
        Assert.Contains(ended.Verdict.Culprits, culprit => culprit.Held.Contains("EntityFramework", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Swap_OfAModuleWithGrpc_LosesNothingAndLeaves()
    {
        await using var scene = await ModuleScene.StartAsync(Patiently, builder => builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2)));
        using var channel = GrpcChannel.ForAddress(scene.Address);
        var calls = channel.CreateCallInvoker();

        await SwappedUnderTraffic.RunAsync(scene, TestModule.Built("Calls"), async client =>
        {
            var who = await calls.AsyncUnaryCall(s_who, null, default, $"c{client}");
            Assert.StartsWith($"c{client} ", who, StringComparison.Ordinal);
            await AssertOneGenerationAsync(calls, client);
        });
    }

    [Fact]
    public async Task Swap_OfAModuleWithControllers_LosesNothingAndLeaves()
    {
        await using var scene = await ModuleScene.StartAsync(Patiently);

        await SwappedUnderTraffic.RunAsync(scene, TestModule.Built("Pages"), async client =>
        {
            var got = await scene.Client.GetFromJsonAsync<Page>($"/pages/page/{client}?words=a&words=b");
            Assert.Equal(("a b", client), (got!.Title, got.Length));
            using var posted = await scene.Client.PostAsJsonAsync("/pages/page", new Page($"c{client}", 7, 0));
            Assert.Equal($"c{client}", (await posted.Content.ReadFromJsonAsync<Page>())!.Title);
            using var refused = await scene.Client.PostAsJsonAsync("/pages/page", new Page(null, 7000, 0));
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        });
    }

    [Fact]
    public async Task Swap_OfAModuleWithAHostedService_DoesEveryJobOnceAndLeaves()
    {
        await using var scene = await ModuleScene.StartAsync(Patiently);

        var jobs = await SwappedUnderTraffic.RunAsync(
            scene, TestModule.Built("Jobs"), async _ => Assert.NotEmpty(await scene.PostAsync("/jobs/jobs/1")));

        Assert.Equal($"{jobs}", await scene.GetAsync("/jobs/done/all"));
    }

    // What is to be compiled anew each time takes its time on a busy machine.
    private static void Patiently(ModulesOptions options)
    {
        options.BuildTimeout = TimeSpan.FromMinutes(2);
        options.StartTimeout = TimeSpan.FromMinutes(2);
        options.WarmUpTimeout = TimeSpan.FromMinutes(2);
        options.UnloadTimeout = TimeSpan.FromSeconds(20);
    }

    private static void Sharing(ModulesOptions options)
    {
        Patiently(options);
        foreach (var assembly in s_entityFramework)
            options.Shared.Add(assembly);
    }

    private static void UseDatabase(WebApplicationBuilder builder, TemporaryFolder folder) => builder.Configuration
        .AddInMemoryCollection([new("Modules:catalog:Database", folder.In("catalog.db"))]);

    private static async Task AssertOneGenerationAsync(CallInvoker calls, int client)
    {
        using var call = calls.AsyncServerStreamingCall(s_repeat, null, default, $"c{client}");
        var answers = new List<string>();
        while (await call.ResponseStream.MoveNext(default))
            answers.Add(call.ResponseStream.Current);
        Assert.Equal(5, answers.Count);
        Assert.Single(answers.Distinct());
    }

    private static Method<string, string> Call(MethodType type, string name) =>
        new(type, "tested.Calls", name, Marshallers.StringMarshaller, Marshallers.StringMarshaller);

    private static void UseContextByHand(string file)
    {
        using var context = new HostContext(
            new DbContextOptionsBuilder<HostContext>().UseSqlite($"Data Source={file}").Options);
        context.Database.EnsureCreated();
    }

    private static IModel ModelOfHost(ModuleScene scene)
    {
        using var scope = scene.Services.CreateScope();
        return scope.ServiceProvider.GetRequiredService<HostContext>().Model;
    }

    private sealed class HostContext(DbContextOptions<HostContext> options) : DbContext(options);

    private sealed record Page(string? Title, int Length, long Generation);
}
