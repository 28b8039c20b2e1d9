// A developer's session: a module is saved, built and swapped into a service that runs under a supervisor.

using Midstream.TestKit;

namespace Midstream.FunctionalTests.Watching;

public sealed class WatchTests
{
    private static readonly string s_host = Repository.Published("samples/shop/modular/Host");

    [Fact]
    public async Task Watch_OfAModulesProject_SwapsEachSaveInWithItsStateAndEndsCleanly()
    {
        using var folder = new TemporaryFolder();
        MakeProject(folder);
        await using var service = await MidstreamService.StartAsync(folder, s_host, environment: new Dictionary<string, string?>
        {
            ["Shop__Database"] = folder.In("shop.db"), ["Shop__ModuleData"] = folder.In("modules"),
        });
        using var client = new HttpClient { BaseAddress = service.Url };
        await using var watch = service.Begin("watch", folder.In("Words"));
        await watch.WaitForTextAsync("words 1.0.0 serves (generation 1 in ");
        Assert.Equal("one", await client.GetStringAsync(new Uri("/words/word", UriKind.Relative)));
        Assert.Equal("1", await CountAsync(client));

        // As an editor saves.
        await File.WriteAllTextAsync(folder.In("Words/Words.cs~"), Code("two"));
        File.Move(folder.In("Words/Words.cs~"), folder.In("Words/Words.cs"), overwrite: true);
        await watch.WaitForTextAsync("words 1.0.0 serves (generation 2 in ");
        Assert.Equal("two", await client.GetStringAsync(new Uri("/words/word", UriKind.Relative)));
        Assert.Equal("2", await CountAsync(client));
        await watch.WaitForTextAsync(" s after the save (build ");

        await File.WriteAllTextAsync(folder.In("Words/Words.cs"), Code("three\" + nothing + \""));
        await watch.WaitForTextAsync("Words does not build; the version before goes on");
        Assert.Contains("error CS0103", watch.Output, StringComparison.Ordinal);
        Assert.Equal("two", await client.GetStringAsync(new Uri("/words/word", UriKind.Relative)));

        await File.WriteAllTextAsync(folder.In("Words/Words.cs"), Code("four"));
        watch.Signal("INT");
        var ended = await watch.WaitAsync();
        Assert.Equal(0, ended.ExitCode);
        Assert.Empty(ProcessesOf(folder.In("Words")));
        Assert.Equal("3", await CountAsync(client));
    }

    private static async Task<string> CountAsync(HttpClient client)
    {
        using var counted = await client.PostAsync(new Uri("/words/count", UriKind.Relative), null);
        return await counted.Content.ReadAsStringAsync();
    }

    private static void MakeProject(TemporaryFolder folder)
    {
        Directory.CreateDirectory(folder.In("Words"));
        File.WriteAllText(folder.In("Words/module.json"), """
            { "format": 1, "name": "words", "version": "1.0.0", "assembly": "Words.dll" }
            """);
        // The contract as the host has it: no package is needed.
        File.WriteAllText(folder.In("Words/Words.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <EnableRequestDelegateGenerator>true</EnableRequestDelegateGenerator>
              </PropertyGroup>
              <ItemGroup>
                <FrameworkReference Include="Microsoft.AspNetCore.App" />
                <Reference Include="{s_host}/Midstream.Abstractions.dll" Private="false" />
                <None Update="module.json" CopyToPublishDirectory="PreserveNewest" CopyToOutputDirectory="PreserveNewest" />
              </ItemGroup>
            </Project>
            """);
        File.WriteAllText(folder.In("Words/Words.cs"), Code("one"));
    }

    private static string Code(string word) => $$"""
        using System;
        using Microsoft.AspNetCore.Builder;
        using Microsoft.AspNetCore.Http;
        using Microsoft.AspNetCore.Routing;
        using Microsoft.Extensions.DependencyInjection;
        using Midstream;

        public sealed class Words : IModule
        {
            public void ConfigureServices(IServiceCollection services, IModuleContext context) =>
                services.AddState(_ => new StateDictionary<string, long>("counts", StateCodec.Text, StateCodec.Number));

            public void MapEndpoints(IEndpointRouteBuilder endpoints)
            {
                endpoints.MapGet("/word", () => TypedResults.Text("{{word}}"));
                endpoints.MapPost("/count", async (StateDictionary<string, long> counts) =>
                    TypedResults.Text($"{await counts.UpdateAsync("all", old => old.Value + 1)}"));
            }
        }
        """;

    private static List<string> ProcessesOf(string project) =>
    [
        .. Directory.EnumerateDirectories("/proc").Where(process => char.IsDigit(Path.GetFileName(process)[0]))
            .Select(CommandLine).Where(command => command.Contains(project, StringComparison.Ordinal)),
    ];

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (IOException)
        {
            // It has just ended.
            return "";
        }
    }
}
