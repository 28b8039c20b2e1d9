// Customers who buy all the time, and keep their receipts.

using System.Net;
using System.Net.Http.Json;

namespace Midstream.Shop.Tests;

/// <summary>A receipt, as every version of the prices writes it.</summary>
internal sealed record Receipt(string Sku, int Quantity, long Cents, string Version);

internal sealed class SellingClients(HttpClient shop) : IDisposable
{
    private static readonly string[] s_skus = ["tea", "coffee", "cup", "pot"];

    private readonly CancellationTokenSource _enough = new();
    private readonly List<Task<List<Receipt>>> _clients = [];
    private long _sales;

    public long Sales => Volatile.Read(ref _sales);

    public static string NameOf(int client) => $"customer-{client}";

    public void Start(int clients) =>
        _clients.AddRange(Enumerable.Range(0, clients).Select(client => Task.Run(() => BuyAsync(client))));

    /// <summary>Waits until so many more were sold, or a client has failed.</summary>
    public async Task SoldAsync(long more)
    {
        var goal = Sales + more;
        await TestKit.Waiting.UntilAsync(() => Sales >= goal || _clients.Exists(client => client.IsFaulted), $"{more} sales");
    }

    /// <summary>Ends the clients after their present sale.</summary>
    /// <returns>The receipts of each client; throws what any of them has found wrong.</returns>
    public async Task<IReadOnlyList<List<Receipt>>> StopAsync()
    {
        await _enough.CancelAsync();
        return await Task.WhenAll(_clients);
    }

    public void Dispose() => _enough.Dispose();

    private async Task<List<Receipt>> BuyAsync(int client)
    {
        var receipts = new List<Receipt>();
        for (var i = 0; !_enough.IsCancellationRequested; i++)
        {
            var sale = new { customer = NameOf(client), sku = s_skus[i % s_skus.Length], quantity = (i % 13) + 1 };
            using var answer = await shop.PostAsJsonAsync("/pricing/sales", sale);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            receipts.Add((await answer.Content.ReadFromJsonAsync<Receipt>())!);
            Interlocked.Increment(ref _sales);
        }

        return receipts;
    }
}
