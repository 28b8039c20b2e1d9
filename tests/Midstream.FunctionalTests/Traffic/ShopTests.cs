// The sample shop, replaced back and forth under orders: what a client was told is stored is stored, exactly once, and nothing
// else is. Clients never retry and keep their connection; the database is asked from outside.

using Midstream.Control.Operators;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

public sealed class ShopTests(ITestOutputHelper output)
{
    private const int Deployments = 10;
    private const int Customers = 8;
    private const int LongestMs = 4 * 60 * 1000;
    private const string Configuration = """
        {
          "ready": { "timeout_ms": 10000 },
          "health": { "path": "/healthz", "timeout_ms": 10000 },
          "warm_up": ["/", "/orders?limit=5", "/price-rules"],
          "probation": { "duration_ms": 50 }
        }
        """;

    [Fact(Timeout = LongestMs)]
    public async Task Deploy_TenTimesAndOneThatFails_StoresEveryAcceptedOrderExactlyOnce()
    {
        using var folder = new TemporaryFolder();
        string[] versions = [Repository.Published("samples/shop/v1"), Repository.Published("samples/shop/v2")];
        var broken = folder.MakeRelease(
            Repository.Published("tests/TestApps/Misbehaving"), "broken", ("misbehave", "hang-at-start"));
        var database = folder.In("shop.db");
        var environment = new Dictionary<string, string?> { ["Shop__Database"] = database };
        await using var service = await MidstreamService.StartAsync(folder, versions[0], Configuration, environment: environment);
        using var enough = new CancellationTokenSource();
        var customers = Enumerable.Range(1, Customers)
            .Select(number => OrderAsync(service.Url, $"customer-{number}", enough.Token)).ToArray();

        for (var number = 1; number <= Deployments; number++)
        {
            await service.DeployWellAsync(versions[number % 2]);
            if (number == Deployments / 2)
                await DeployInVainAsync(service, broken);
        }

        await enough.CancelAsync();
        var accepted = (await Task.WhenAll(customers)).SelectMany(orders => orders).Order(StringComparer.Ordinal).ToArray();
        output.WriteLine($"{accepted.Length} orders");
        Assert.Equal(accepted, await ReadStoredAsync(database));
        Assert.True(accepted.Length > Deployments * Customers, $"only {accepted.Length} orders: no proof");
    }

    private static async Task DeployInVainAsync(MidstreamService service, string broken)
    {
        var (_, answer) = await service.DeployAsync(broken);
        Assert.Equal(Outcomes.Failed, Assert.IsType<ResultEvent>(answer).Outcome);
    }

    // One order after another on one connection; anything but "created" is a failure.
    private static async Task<List<string>> OrderAsync(Uri shop, string customer, CancellationToken enough)
    {
        var accepted = new List<string>();
        await using var connection = await RawConnection.ConnectAsync(shop);
        while (!enough.IsCancellationRequested)
        {
            var (id, quantity) = (Guid.NewGuid(), accepted.Count + 1);
            var order = $$"""
                {"orderId":"{{id}}","customer":"{{customer}}","lines":[{"sku":"tea","quantity":{{quantity}},"unitPrice":3.5}]}
                """;
            var answer = await connection.AskAsync(
                $"POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n" +
                $"Content-Length: {order.Length}\r\n\r\n{order}");
            Assert.True(answer.Status == 201, $"{answer.Status}: {answer.Body}");
            accepted.Add($"{id}|{customer}|tea|{quantity}");
        }

        return accepted;
    }

    private static async Task<string[]> ReadStoredAsync(string database)
    {
        const string Query = """
            select lower(order_id), customer, sku, quantity from orders left join order_lines on order_number = number;
            """;
        var program = await RunningProgram.RunAsync("sqlite3", [database, Query]);
        Assert.True(program.ExitCode == 0, $"{program}");
        return [.. program.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }
}
