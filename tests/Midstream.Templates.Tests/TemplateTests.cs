// What `dotnet new` makes builds, and a host with a module in it answers.

using System.Net.Http.Json;

namespace Midstream.Templates.Tests;

public sealed class TemplateTests
{
    private const string Listening = "Now listening on: ";

    [Fact]
    public async Task New_OfAHostAndAModule_BuildsAndAnswers()
    {
        using var feed = await Feed.MakeAsync();
        await feed.DotnetAsync("new", "install", feed.Templates);
        await feed.DotnetAsync("new", "midstream-host", "--name", "Tried.Host", "--output", "host");
        await feed.DotnetAsync("new", "midstream-module", "--name", "Tried.Prices", "--output", "prices");

        await feed.DotnetAsync("publish", "prices", "--configuration", "Release", "--output", "host/modules/prices");
        await feed.DotnetAsync("publish", "host", "--configuration", "Release", "--output", "published");

        // The contract is the host's: a second copy of it would be refused.
        Assert.False(File.Exists(feed.In("published/modules/prices/Midstream.Abstractions.dll")));
        await using var host = feed.Start(
            feed.In("published/Tried.Host.dll"), "--urls", "http://127.0.0.1:0", "--Modules:Data", feed.In("data"));
        await host.WaitForTextAsync(Listening);
        using var client = new HttpClient { BaseAddress = AddressIn(host.Output) };
        Assert.Equal("tried-prices at /tried-prices", await client.GetStringAsync(new Uri("/", UriKind.Relative)));
        Assert.Equal(new Greeting("Hello Ada", 1), await GreetAsync(client));
        Assert.Equal(new Greeting("Hello Ada", 2), await GreetAsync(client));
    }

    [Fact]
    public async Task New_OfAModuleThatKeepsATimer_IsWarnedByTheRulesOfThePackage()
    {
        using var feed = await Feed.MakeAsync();
        await feed.DotnetAsync("new", "install", feed.Templates);
        await feed.DotnetAsync("new", "midstream-module", "--name", "Prices", "--output", "prices", "--module", "price-list");
        Assert.Contains("\"price-list\"", await File.ReadAllTextAsync(feed.In("prices/module.json")), StringComparison.Ordinal);
        await File.WriteAllTextAsync(feed.In("prices/Clock.cs"), """
            namespace Prices;

            public static class Clock
            {
                public static void Begin() => new System.Threading.Timer(_ => { }, null, 1000, 1000);
            }
            """);

        var built = await feed.DotnetAsync("build", "prices");

        Assert.Contains("MSM001", built.Output, StringComparison.Ordinal);
    }

    private static async Task<Greeting?> GreetAsync(HttpClient client) =>
        await client.GetFromJsonAsync<Greeting>("/tried-prices/hello/Ada");

    private static Uri AddressIn(string output)
    {
        var line = output.Split('\n').First(line => line.Contains(Listening, StringComparison.Ordinal));
        return new Uri(line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..]);
    }

    private sealed record Greeting(string Text, long Times);
}
