// Two versions on one database: at once, before and after each other, and through a crash.

using System.Net;

namespace Midstream.Shop.Tests;

public sealed class VersionTests : IDisposable
{
    private readonly TemporaryDatabase _database = new();

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task TwoVersions_OneDatabase_BothServeAllOrders()
    {
        await using var v1 = await ShopProcess.StartV1Async(_database.Path);
        Assert.Equal(HttpStatusCode.Created, (await v1.PlaceAsync(Guid.NewGuid(), quantity: 10)).StatusCode);

        await using var v2 = await ShopProcess.StartV2Async(_database.Path);
        Assert.Equal(HttpStatusCode.Created, (await v2.PlaceAsync(Guid.NewGuid(), quantity: 10)).StatusCode);
        // On the schema that v2 has changed meanwhile.
        Assert.Equal(HttpStatusCode.Created, (await v1.PlaceAsync(Guid.NewGuid(), quantity: 10)).StatusCode);

        Assert.Equal([25.00m, 22.50m, 25.00m], await AmountsAsync(v1, "total"));
        Assert.Equal([25.00m, 22.50m, 25.00m], await AmountsAsync(v2, "total"));
        Assert.Equal([0m, 2.50m, 0m], await AmountsAsync(v2, "discount"));
    }

    [Fact]
    public async Task GoBack_AfterNewVersionWrote_OldVersionGoesOn()
    {
        var key = Guid.NewGuid();
        await using (var v2 = await ShopProcess.StartV2Async(_database.Path))
            await v2.PlaceAsync(key, quantity: 10);

        await using var v1 = await ShopProcess.StartV1Async(_database.Path);

        Assert.Equal(HttpStatusCode.OK, (await v1.PlaceAsync(key, quantity: 10)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await v1.PlaceAsync(Guid.NewGuid())).StatusCode);
        Assert.Equal([22.50m, 2.50m], await AmountsAsync(v1, "total"));
    }

    [Fact]
    public async Task PlaceOrder_SameKeyThroughBothVersionsAtOnce_CreatedOnce()
    {
        // Both on a new file at once: neither may find the other in its way.
        var shops = await Task.WhenAll(ShopProcess.StartV1Async(_database.Path), ShopProcess.StartV2Async(_database.Path));
        await using var v1 = shops[0];
        await using var v2 = shops[1];

        for (var round = 0; round < 10; round++)
        {
            var key = Guid.NewGuid();
            var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => shops[i % 2].PlaceAsync(key)));

            Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
            Assert.Equal(9, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        }
    }

    [Fact]
    public async Task Kill_WhileOrdersArrive_EveryAcknowledgedOrderIsKeptOnce()
    {
        const int Enough = 50;
        var acknowledged = new List<Guid>();
        await using (var v1 = await ShopProcess.StartV1Async(_database.Path))
        {
            var enough = new TaskCompletionSource();
            var client = PlaceUntilRefusedAsync(v1, acknowledged, Enough, enough);
            await enough.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await v1.KillAsync();
            await client;
        }

        await using var v2 = await ShopProcess.StartV2Async(_database.Path);

        Assert.True(acknowledged.Count >= Enough);
        foreach (var key in acknowledged)
            Assert.Equal(HttpStatusCode.OK, (await v2.PlaceAsync(key)).StatusCode);
    }

    [Fact]
    public async Task PriceRules_OfBothVersions_Differ()
    {
        await using var v1 = await ShopProcess.StartV1Async(_database.Path);
        await using var v2 = await ShopProcess.StartV2Async(_database.Path);

        Assert.Equal(1, (await v1.GetAsync("/price-rules")).GetArrayLength());
        Assert.Equal(10, (await v2.GetAsync("/price-rules"))[1].GetProperty("percentOff").GetInt32());
        Assert.Equal("1.0.0", (await v1.GetAsync("/version")).GetProperty("version").GetString());
        Assert.Equal("2.0.0", (await v2.GetAsync("/version")).GetProperty("version").GetString());
    }

    private static async Task PlaceUntilRefusedAsync(
        ShopProcess shop, List<Guid> acknowledged, int mark, TaskCompletionSource reached)
    {
        try
        {
            while (true)
            {
                var key = Guid.NewGuid();
                if ((await shop.PlaceAsync(key)).StatusCode != HttpStatusCode.Created)
                    return;
                acknowledged.Add(key);
                if (acknowledged.Count == mark)
                    reached.TrySetResult();
            }
        }
        catch (HttpRequestException)
        {
            // The shop was killed: this order was not acknowledged.
        }
    }

    private static async Task<IEnumerable<decimal>> AmountsAsync(ShopProcess shop, string property) =>
        (await shop.GetAsync("/orders")).GetProperty("orders").EnumerateArray()
            .Select(order => order.GetProperty(property).GetDecimal());
}
