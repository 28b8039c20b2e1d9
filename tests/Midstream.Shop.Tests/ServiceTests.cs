// The rest of the service: health, transfers, and the request id.

using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Midstream.Shop.Tests;

public sealed class ServiceTests : IAsyncLifetime
{
    private readonly TemporaryDatabase _database = new();
    private ShopProcess _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await ShopProcess.StartV2Async(_database.Path);

    public async ValueTask DisposeAsync()
    {
        await _shop.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task Health_OrdersUnreadable_Unavailable()
    {
        Assert.Equal(HttpStatusCode.OK, (await _shop.Client.GetAsync("/healthz")).StatusCode);

        await using (var connection = new SqliteConnection($"Data Source={_database.Path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "ALTER TABLE orders RENAME TO lost";
            command.ExecuteNonQuery();
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _shop.Client.GetAsync("/healthz")).StatusCode);
    }

    [Fact]
    public async Task Upload_ChunkedBody_CountedAndHashed()
    {
        var body = RandomNumberGenerator.GetBytes(300_000);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/upload") { Content = new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = true;

        var answer = await (await _shop.Client.SendAsync(request)).Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(body.Length, answer.GetProperty("bytes").GetInt64());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(body)), answer.GetProperty("sha256").GetString());
    }

    [Fact]
    public async Task Export_MoreThanOnePage_EveryOrderOnceInOrder()
    {
        const int Count = 120;
        for (var i = 0; i < Count; i++)
            await _shop.PlaceAsync(Guid.NewGuid());

        var all = await ExportAsync("/export");
        var some = await ExportAsync("/export?lines=105");

        Assert.Equal(Enumerable.Range(1, Count).Select(number => (long)number), all);
        Assert.Equal(all.Take(105), some);
    }

    [Fact]
    public async Task Export_WithDelay_FirstLineArrivesBeforeTheLastIsWritten()
    {
        await _shop.PlaceAsync(Guid.NewGuid());
        await _shop.PlaceAsync(Guid.NewGuid());

        // Five seconds lie between the two lines; the first must not wait for them.
        using var response = await _shop.Client.GetAsync(
            "/export?lines=2&delayMs=5000", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var first = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(4));

        Assert.NotNull(first);
        Assert.True(response.Headers.TransferEncodingChunked);
    }

    [Theory]
    [InlineData("/export?lines=0")]
    [InlineData("/export?delayMs=5001")]
    [InlineData("/orders?limit=501")]
    public async Task Bounds_Exceeded_BadRequest(string path)
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await _shop.Client.GetAsync(path)).StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/version")]
    [InlineData("/nowhere")]
    public async Task RequestId_Given_Returned(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-Prove-Id", "4711");

        var answer = await _shop.Client.SendAsync(request);

        Assert.Equal("4711", answer.Headers.GetValues("X-Prove-Id").Single());
    }

    private async Task<List<long>> ExportAsync(string path) =>
        [.. (await _shop.Client.GetStringAsync(path)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("number").GetInt64())];
}
