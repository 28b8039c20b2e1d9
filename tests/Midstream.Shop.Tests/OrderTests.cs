// Placing orders: exactly once, or refused with every reason.

using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Midstream.Shop.Tests;

public sealed class OrderTests : IAsyncLifetime
{
    private readonly TemporaryDatabase _database = new();
    private ShopProcess _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await ShopProcess.StartV1Async(_database.Path);

    public async ValueTask DisposeAsync()
    {
        await _shop.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task PlaceOrder_NewKey_CreatedAndFound()
    {
        var key = Guid.NewGuid();

        var placed = await _shop.PlaceAsync(key, quantity: 12);

        Assert.Equal(HttpStatusCode.Created, placed.StatusCode);
        Assert.Equal($"/orders/{key}", placed.Headers.Location?.ToString());
        var order = await _shop.GetAsync($"/orders/{key}");
        Assert.Equal(30.00m, order.GetProperty("total").GetDecimal());
        Assert.Equal(12, order.GetProperty("lines")[0].GetProperty("quantity").GetInt32());
        Assert.False(order.TryGetProperty("discount", out _));
    }

    [Fact]
    public async Task PlaceOrder_SameKeyAgain_SameOrderAndStoredOnce()
    {
        var key = Guid.NewGuid();

        var first = await _shop.PlaceAsync(key);
        var second = await _shop.PlaceAsync(key);

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(1, (await _shop.GetAsync("/orders")).GetProperty("orders").GetArrayLength());
    }

    [Fact]
    public async Task PlaceOrder_KeyOfAnotherOrder_Refused()
    {
        var key = Guid.NewGuid();
        await _shop.PlaceAsync(key, quantity: 1);

        var other = await _shop.PlaceAsync(key, quantity: 2);

        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
        Assert.Equal(1, (await _shop.GetAsync($"/orders/{key}")).GetProperty("lines")[0].GetProperty("quantity").GetInt32());
    }

    [Fact]
    public async Task PlaceOrder_ManyProblems_AllNamedAtOnce()
    {
        var answer = await PostAsync("""{ "lines": [{ "sku": "tea", "quantity": 0, "unitPrice": 1.001 }, null] }""");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var fields = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject();
        Assert.Equal(
            [
                "customer", "lines[0].quantity", "lines[0].unitPrice",
                "lines[1].quantity", "lines[1].sku", "lines[1].unitPrice", "orderId",
            ],
            fields.Select(field => field.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{ not json")]
    [InlineData("""{ "orderId": "not a guid" }""")]
    [InlineData("")]
    public async Task PlaceOrder_MalformedBody_BadRequest(string body)
    {
        var answer = await PostAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task ListOrders_PageByPage_EachOnceInOrder()
    {
        var keys = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).ToList();
        foreach (var key in keys)
            await _shop.PlaceAsync(key);

        var seen = new List<Guid>();
        for (long? after = 0; after is not null;)
        {
            var page = await _shop.GetAsync($"/orders?limit=2&after={after}");
            seen.AddRange(page.GetProperty("orders").EnumerateArray().Select(order => order.GetProperty("orderId").GetGuid()));
            after = page.GetProperty("next") is { ValueKind: JsonValueKind.Number } next ? next.GetInt64() : null;
        }

        Assert.Equal(keys, seen);
    }

    private Task<HttpResponseMessage> PostAsync(string body) =>
        _shop.Client.PostAsync("/orders", new StringContent(body, Encoding.UTF8, "application/json"));
}
