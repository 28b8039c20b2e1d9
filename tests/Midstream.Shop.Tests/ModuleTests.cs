// Prices and promotions, replaced up and back while customers buy: every sale is in the totals, once.

using System.Net;
using System.Net.Http.Json;
using Midstream.Core.Modules;

namespace Midstream.Shop.Tests;

public sealed class ModuleTests
{
    private const int Clients = 6;

    // Up one by one, back one by one, and once over a version and back.
    private static readonly int[] s_versions = [2, 3, 2, 1, 3, 1];

    [Fact]
    public async Task Swap_OfBothModulesUpAndBackWhileCustomersBuy_KeepsEveryTotalAndPoint()
    {
        await using var shop = await ModularShop.StartAsync();
        using var clients = new SellingClients(shop.Client);
        clients.Start(Clients);
        await clients.SoldAsync(200);

        var retired = new List<Task<Modules.Retirement>>();
        foreach (var version in s_versions)
        {
            retired.Add((await shop.DeployAsync("pricing", version))!);
            await clients.SoldAsync(100);
            retired.Add((await shop.DeployAsync("promotions", version))!);
            await clients.SoldAsync(100);
        }

        var receipts = await clients.StopAsync();
        await AssertTotalsAsync(shop, [.. receipts.SelectMany(some => some)]);
        for (var client = 0; client < Clients; client++)
            await AssertPointsAsync(shop, SellingClients.NameOf(client), receipts[client]);
        Assert.Equal(
            ["1.0.0", "2.0.0", "3.0.0"], receipts.SelectMany(some => some).Select(one => one.Version).Distinct().Order());
        Assert.All(await Task.WhenAll(retired), ended =>
        {
            Assert.Empty(ended.Faults);
            Assert.Equal(UnloadOutcome.Collected, ended.Verdict.Outcome);
        });
    }

    [Fact]
    public async Task Rollback_AfterPointsWereSpent_KeepsTheBalance()
    {
        await using var shop = await ModularShop.StartAsync();
        await shop.Client.PostAsJsonAsync("/pricing/sales", new { customer = "ada", sku = "pot", quantity = 2 });
        await shop.DeployAsync("promotions", 3);
        using (var spent = await shop.Client.PostAsJsonAsync("/promotions/customers/ada/spend", new { points = 40 }))
            Assert.Equal(HttpStatusCode.OK, spent.StatusCode);
        using (var tooMany = await shop.Client.PostAsJsonAsync("/promotions/customers/ada/spend", new { points = 9 }))
            Assert.Equal(HttpStatusCode.Conflict, tooMany.StatusCode);

        var back = await shop.Modules.RollbackAsync("promotions");

        Assert.Equal(SwapOutcome.Moved, back.Outcome);
        Assert.Equal(new Balance(1, 8), await shop.GetAsync<Balance>("/promotions/customers/ada"));
    }

    [Fact]
    public async Task Shop_WithModules_PlacesOrdersAsBefore()
    {
        await using var shop = await ModularShop.StartAsync();

        using var placed = await shop.Client.PostAsJsonAsync("/orders", new
        {
            orderId = Guid.NewGuid(), customer = "ada", lines = new[] { new { sku = "tea", quantity = 10, unitPrice = 2.50m } },
        });

        Assert.Equal(HttpStatusCode.Created, placed.StatusCode);
        Assert.Equal(["pricing", "promotions"], shop.Modules.Status.Select(module => module.Name));
    }

    private static async Task AssertTotalsAsync(ModularShop shop, IReadOnlyList<Receipt> receipts)
    {
        foreach (var sold in receipts.GroupBy(receipt => receipt.Sku))
        {
            var total = await shop.GetAsync<Total>($"/pricing/totals/{sold.Key}");
            Assert.Equal(new Total(sold.Count(), sold.Sum(receipt => receipt.Cents)), total);
        }
    }

    private static async Task AssertPointsAsync(ModularShop shop, string customer, List<Receipt> receipts) =>
        Assert.Equal(
            new Balance(receipts.Count, receipts.Sum(receipt => receipt.Cents / 100)),
            await shop.GetAsync<Balance>($"/promotions/customers/{customer}"));

    private sealed record Total(long Count, long Cents);

    private sealed record Balance(long Purchases, long Points);
}
