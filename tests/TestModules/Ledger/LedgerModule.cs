// A module whose state holds entries of a type that the host shares, so that they change hands as they are.

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Midstream;
using TestContract;

namespace Ledger;

public sealed class LedgerModule : IModule
{
    public void ConfigureServices(IServiceCollection services, IModuleContext context) =>
        services.AddState(_ => new StateDictionary<long, Entry>("entries", StateCodec.Number, new EntryCodec()));

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/fill/{count:long}", async (long count, StateDictionary<long, Entry> entries) =>
        {
            for (var i = 0L; i < count; i++)
                await entries.SetAsync(i, new Entry($"entry {i}"));
            return TypedResults.Text($"{await entries.CountAsync()}");
        });
        endpoints.MapGet("/entry/{number:long}", async (long number, StateDictionary<long, Entry> entries) =>
            TypedResults.Text((await entries.GetAsync(number)).Value?.Text ?? "none"));
        endpoints.MapGet("/count", async (StateDictionary<long, Entry> entries) =>
            TypedResults.Text($"{await entries.CountAsync()}"));
    }
}
