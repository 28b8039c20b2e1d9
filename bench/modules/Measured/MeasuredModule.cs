// The module that is measured, in two versions that say which one answered. What it does when it is warmed up depends on its
// configuration, so that swaps with and without can be compared.

using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Midstream;

namespace Measured;

public sealed class MeasuredModule : IModule
{
#if V1
    private const string CodeVersion = "1.0.0";
#else
    private const string CodeVersion = "2.0.0";
#endif
    private const int Pieces = 5;

    private bool _isWarmedUp = true;

    public IReadOnlyList<WarmUpRequest> WarmUp => _isWarmedUp
        ? [new("/text"), new("/service"), new("/who"), new("/pieces"), new("/item/-1"), new("/write/-1/0") { Method = "POST" }]
        : [];

    public void ConfigureServices(IServiceCollection services, IModuleContext context)
    {
        _isWarmedUp = context.Configuration["WarmUp"] != "none";
        services.AddScoped<Greeting>();
        services.AddState(_ => new StateDictionary<long, Item>(
            "items", StateCodec.Number, new ItemCodec(), ItemCodec.Versions));
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        Endpoints.Map(endpoints);
        endpoints.MapGet("/who", static (HttpContext context) => ModuleRequest.Of(context) is { } request
            ? $"{request.Version} {request.Generation} {CodeVersion}" : "");
        endpoints.MapGet("/pieces", WritePiecesAsync);
        endpoints.MapGet("/item/{key:long}", static async (long key, StateDictionary<long, Item> items) =>
            (await items.GetAsync(key)).Value?.Text ?? "none");
        endpoints.MapPost("/write/{key:long}/{times:long}", static async (
            long key, long times, StateDictionary<long, Item> items) =>
            Text((await items.UpdateAsync(key, old => Again(key, old, times))).Writes));
        endpoints.MapPost("/fill/{count:long}", static async (long count, StateDictionary<long, Item> items) =>
        {
            for (var key = 0L; key < count; key++)
                await items.SetAsync(key, New(key));
            return Text(await items.CountAsync());
        });
        endpoints.MapGet("/sum", static (StateDictionary<long, Item> items) => Sum(items));
    }

    // Leaves the processor in between, so that a swap may happen in the middle of it.
    private static async Task WritePiecesAsync(HttpContext context)
    {
        for (var piece = 0; piece < Pieces; piece++)
        {
            await context.Response.WriteAsync($"{CodeVersion} ");
            await Task.Yield();
        }
    }

    private static Item New(long key) => Item.Of(string.Create(CultureInfo.InvariantCulture, $"item {key}"), 0);

    private static Item Again(long key, StateValue<Item> old, long times)
    {
        var item = old.Value ?? New(key);
        return item with { Writes = item.Writes + times };
    }

    // The number of entries, a number that depends on every key and text, and the number of writes.
    private static string Sum(StateDictionary<long, Item> items)
    {
        var (count, content, writes) = (0L, 0UL, 0L);
        foreach (var (key, item) in items.Snapshot().Where(entry => entry.Key >= 0))
        {
            count++;
            writes += item.Writes;
            content += HashOf(key, item.Text);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{count} {content:x} {writes}");
    }

    // FNV-1a, the same in every process and version.
    private static ulong HashOf(long key, string text)
    {
        const ulong Prime = 1099511628211;
        var hash = (14695981039346656037 ^ (ulong)key) * Prime;
        foreach (var letter in text)
            hash = (hash ^ letter) * Prime;
        return hash;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
