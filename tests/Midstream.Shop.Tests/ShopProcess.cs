// One running shop: a real process with a real port, ended by its id when the test is over.

using System.Diagnostics;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;

namespace Midstream.Shop.Tests;

internal sealed class ShopProcess : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private ShopProcess(Process process, Uri address)
    {
        _process = process;
        Client = new HttpClient { BaseAddress = address, Timeout = s_patience };
    }

    public HttpClient Client { get; }

    public static Task<ShopProcess> StartV1Async(string database) => StartAsync("Shop.V1", database);

    public static Task<ShopProcess> StartV2Async(string database) => StartAsync("Shop.V2", database);

    public async Task<HttpResponseMessage> PlaceAsync(Guid key, int quantity = 1, decimal unitPrice = 2.50m) =>
        await Client.PostAsJsonAsync("/orders", new
        {
            orderId = key,
            customer = "Ada",
            lines = new[] { new { sku = "tea", quantity, unitPrice } },
        });

    public async Task<JsonElement> GetAsync(string path) => await Client.GetFromJsonAsync<JsonElement>(path);

    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        using var patience = new CancellationTokenSource(s_patience);
        await _process.WaitForExitAsync(patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await KillAsync();
        _process.Dispose();
    }

    private static async Task<ShopProcess> StartAsync(string version, string database)
    {
        var program = typeof(ShopProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == version).Value!;
        var start = new ProcessStartInfo("dotnet", [program, "--urls", "http://127.0.0.1:0", "--Shop:Database", database])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetDirectoryName(program)!,
        };

        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) => Announce(line.Data, address);
        process.Exited += (_, _) => address.TrySetException(
            new InvalidOperationException("The shop ended before it listened; its standard error says why."));

        process.Start();
        try
        {
            process.BeginOutputReadLine();
            return new ShopProcess(process, await address.Task.WaitAsync(s_patience));
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
            throw;
        }
    }

    private static void Announce(string? line, TaskCompletionSource<Uri> address)
    {
        if (line?.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
            address.TrySetResult(new Uri(line[(at + Listening.Length)..]));
    }
}
